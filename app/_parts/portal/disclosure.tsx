import type { ReactNode } from 'react'
import { Icon, type IconName } from '../../_ui'

export type DisclosureProps = { title: string; text?: string; icon: IconName; open?: boolean; children: ReactNode }

/** An act that opens in place; the browser's own, without script. */
export function Disclosure({ title, text, icon, open, children }: DisclosureProps) {
  return (
    <details className="rounded-8 border border-line bg-raised" open={open}>
      <summary className="row cursor-pointer gap-3 px-4 py-3">
        <Icon name={icon} />
        <span className="grow">
          <span className="lab">{title}</span>
          {text ? <span className="hint block t12">{text}</span> : null}
        </span>
        <Icon name="down" />
      </summary>
      <div className="border-t border-line p-4">{children}</div>
    </details>
  )
}
