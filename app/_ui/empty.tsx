import type { ReactNode } from 'react'
import { Icon } from './icon'
import type { IconName } from './icons'

/** `text` says what will be here; `act` offers the first step. */
export type EmptyProps = { icon: IconName; title: string; text: ReactNode; act?: ReactNode }

/** Nothing yet: what will be here and how it gets here. Stands inside a `Card`. */
export function Empty({ icon, title, text, act }: EmptyProps) {
  return (
    <div className="empty">
      <Icon name={icon} size={20} />
      <h3>{title}</h3>
      <p>{text}</p>
      {act}
    </div>
  )
}
