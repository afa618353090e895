import type { ReactNode } from 'react'
import { Brand, type BrandProps } from './brand'
import { cx } from './cx'

export type AuthCardProps = {
  brand?: BrandProps
  title: ReactNode
  lead?: ReactNode
  /** Under the card: the other way in, where to get help. */
  foot?: ReactNode
  /** 40 rem instead of 26: steps of a wizard. */
  wide?: boolean
  children: ReactNode
}

/** The frame of sign-in, recovery and every other page with one form and nothing beside it. Holds `main#main`. */
export function AuthCard({ brand, title, lead, foot, wide, children }: AuthCardProps) {
  return (
    <div className={cx('auth', wide && 'wide')}>
      <header>
        <Brand {...brand} />
      </header>
      <main id="main" tabIndex={-1} className="auth-card">
        <div className="stack tight">
          <h1 className="t20">{title}</h1>
          {lead ? <p className="two">{lead}</p> : null}
        </div>
        {children}
      </main>
      {foot ? <footer className="auth-foot t13 two">{foot}</footer> : null}
    </div>
  )
}

export type StepsProps = { steps: string[] /** From 1. */; current: number }

/** Where one is in a wizard. */
export function Steps({ steps, current }: StepsProps) {
  return (
    <div className="steps">
      <span className="t13 two">{`Step ${current} of ${steps.length}: ${steps[current - 1] ?? ''}`}</span>
      <div className="steps-bar" aria-hidden="true">
        {steps.map((s, i) => (
          <span key={s} className={cx(i < current && 'on')} />
        ))}
      </div>
    </div>
  )
}
