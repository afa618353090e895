import Link from 'next/link'
import { Icon } from './icon'
import type { IconName } from './icons'

/** With `href` a link; without, a submit button for the form around it (sign out must be a POST). */
export type RailActionProps = { icon: IconName; label: string; href?: string }

/** An act at the foot of the rail, for `AppShell`'s `footer`. */
export function RailAction({ icon, label, href }: RailActionProps) {
  const inside = (
    <>
      <Icon name={icon} />
      <span>{label}</span>
    </>
  )
  return href ? (
    <Link className="themer" href={href}>
      {inside}
    </Link>
  ) : (
    <button className="themer" type="submit">
      {inside}
    </button>
  )
}
