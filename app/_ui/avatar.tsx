import { cx } from './cx'

/** One or two letters in a square. Decorative: the name stands beside it. `initials` wins over those taken from `name`. */
export type AvatarProps = { name: string; initials?: string; large?: boolean }

/** Initials, never a picture fetched from somewhere. */
export function Avatar({ name, initials, large }: AvatarProps) {
  return (
    <span className={cx('av', large && 'l')} aria-hidden="true">
      {initials ?? initialsOf(name)}
    </span>
  )
}

/** First letters of the first and the last word: "Inês de Carvalho" gives "IC". */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s.@_-]+/u)
    .filter(Boolean)
  const first = words[0]?.[0] ?? '?'
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? '') : ''
  return (first + last).toLocaleUpperCase('en')
}
