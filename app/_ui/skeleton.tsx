import { cx } from './cx'

/** `size`: how long the missing words are. */
export function Skeleton({ size = 'mid' }: { size?: 'mark' | 'short' | 'mid' | 'long' | 'full' }) {
  return <span className={cx('skel', size)} />
}

/** `label` says what is coming: "Loading people". `rows` as many as usually come, so nothing jumps. */
export function SkeletonRows({ label, rows = 6 }: { label: string; rows?: number }) {
  const sizes = ['mid', 'short', 'long'] as const
  return (
    <div className="card" aria-busy="true">
      <span className="vh" role="status">
        {label}
      </span>
      <ul className="list" aria-hidden="true">
        {Array.from({ length: rows }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity
          <li key={i}>
            <Skeleton size="mark" />
            <Skeleton size={sizes[i % 3]} />
            <span className="push grow-end">
              <Skeleton size="short" />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
