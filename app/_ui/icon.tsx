import { cx } from './cx'
import { type IconName, icons } from './icons'

/** `name` from the vocabulary; `size` in px: 16 beside text, 20 in heads, 12 inside badges and chips. */
export type IconProps = { name: IconName; size?: 12 | 16 | 20; className?: string }

/** A decorative picture, hidden from screen readers: a word always stands beside it or in the control's label. */
export function Icon({ name, size = 16, className }: IconProps) {
  const Picture = icons[name]
  return (
    <Picture
      aria-hidden="true"
      focusable="false"
      className={cx('i', size === 20 && 'l', size === 12 && 's', className)}
    />
  )
}
