import type { ReactNode } from 'react'
import { cx, type Tone } from './cx'
import { Icon } from './icon'
import type { IconName } from './icons'

/** Amber and red should carry an icon. Grey without a `tone`. */
export type BadgeProps = { tone?: Tone; icon?: IconName; children: ReactNode }

/** A word on soft ground: a state that is not the healthy one, a label, a count. */
export function Badge({ tone, icon, children }: BadgeProps) {
  return (
    <span className={cx('badge', tone)}>
      {icon ? <Icon name={icon} size={12} /> : null}
      {children}
    </span>
  )
}

/** `good` (green, the default), `off` (hollow), `warn`, `bad`. */
export type StatusProps = { state?: 'good' | 'off' | 'warn' | 'bad'; children: ReactNode }

/** A dot and a word without ground: a healthy table stays quiet. Use `Badge` for what must be noticed. */
export function Status({ state = 'good', children }: StatusProps) {
  return <span className={cx('st', state !== 'good' && state)}>{children}</span>
}

/** A key of the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>
}
