import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx'

/** `label` names the section for screen readers when it has no `CardHeader` with an `id`; else pass `labelledBy`. */
export type CardProps = { label?: string; labelledBy?: string; id?: string; className?: string; children: ReactNode }

/** A sheet of paper: `CardHeader`, then a `DataTable`, a `ListCard`'s rows or a `CardBody`, then `CardFooter`. */
export function Card({ label, labelledBy, id, className, children }: CardProps) {
  return (
    <section className={cx('card', className)} id={id} aria-label={label} aria-labelledby={labelledBy}>
      {children}
    </section>
  )
}

export type CardHeaderProps = {
  title: ReactNode
  id?: string
  lead?: ReactNode /** A link, a time or a small control. */
  aside?: ReactNode
}

/** Title of a card, what it shows, and at the right where to see all of it. */
export function CardHeader({ title, id, lead, aside }: CardHeaderProps) {
  return (
    <header>
      <div>
        <h2 id={id}>{title}</h2>
        {lead ? <p>{lead}</p> : null}
      </div>
      {aside ? <div className="aside">{aside}</div> : null}
    </header>
  )
}

/** The padded inside of a card. `stack` puts 16 px between its children. */
export function CardBody({
  stack = true,
  className,
  children,
}: {
  stack?: boolean
  className?: string
  children: ReactNode
}) {
  return <div className={cx('body', stack && 'stack', className)}>{children}</div>
}

/** The foot of a card: a sum, a quiet link, or the buttons of the form the card holds. */
export function CardFooter({ className, ...rest }: ComponentProps<'footer'>) {
  return <footer {...rest} className={className} />
}

/** Cards under one another. */
export function Flow({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cx('flow', className)}>{children}</div>
}

/** Cards beside one another: two `half`, or one wide and one narrow (`lead`). One under the other when narrow. */
export function Cols({ kind = 'half', children }: { kind?: 'half' | 'lead'; children: ReactNode }) {
  return <div className={cx('cols', kind)}>{children}</div>
}
