import type { ReactNode } from 'react'

/** The foot of a form's section: its button, and a `SavedNote`. */
export function FormFoot({ children }: { children: ReactNode }) {
  return <div className="row many form-foot">{children}</div>
}

export type DangerZoneProps = {
  title?: string
  lead?: ReactNode /** `ListRow`s whose act is a `ConfirmDialog`. */
  children: ReactNode
}

/** What destroys, last on its page and apart from everything else. */
export function DangerZone({ title = 'What cannot be taken back', lead, children }: DangerZoneProps) {
  return (
    <section className="card danger-zone" aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          {lead ? <p>{lead}</p> : null}
        </div>
      </header>
      <ul className="list">{children}</ul>
    </section>
  )
}
