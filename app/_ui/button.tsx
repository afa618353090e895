import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx'
import { Icon } from './icon'
import type { IconName } from './icons'

type Look = {
  /** One `primary` a screen. `danger` destroys or suspends. Plain without. */
  kind?: 'primary' | 'quiet' | 'danger'
  size?: 's' | 'l'
  icon?: IconName
  /** Full width. */
  wide?: boolean
  /** Only the icon is seen; `children` becomes the accessible name. */
  square?: boolean
  children: ReactNode
}

export type ButtonProps = Look & Omit<ComponentProps<'button'>, 'children'> & { busy?: boolean }

/** A button. `type` is "button" unless said; `busy` keeps its width, says so, and refuses a second click. */
export function Button({
  kind,
  size,
  icon,
  wide,
  square,
  busy,
  type = 'button',
  className,
  disabled,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(look({ kind, size, wide, square }), busy && 'busy', className)}
    >
      <Inside icon={icon} square={square}>
        {children}
      </Inside>
    </button>
  )
}

export type ButtonLinkProps = Look & Omit<ComponentProps<typeof Link>, 'children'>

/** The same look for something that leads elsewhere. */
export function ButtonLink({ kind, size, icon, wide, square, className, children, ...rest }: ButtonLinkProps) {
  return (
    <Link {...rest} className={cx(look({ kind, size, wide, square }), className)}>
      <Inside icon={icon} square={square}>
        {children}
      </Inside>
    </Link>
  )
}

function look({ kind, size, wide, square }: Pick<Look, 'kind' | 'size' | 'wide' | 'square'>): string {
  return cx('btn', kind, size, wide && 'wide', square && 'sq')
}

function Inside({ icon, square, children }: Pick<Look, 'icon' | 'square' | 'children'>) {
  return (
    <>
      {icon ? <Icon name={icon} /> : null}
      {square ? <span className="vh">{children}</span> : children}
    </>
  )
}
