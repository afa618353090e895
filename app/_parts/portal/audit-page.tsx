import { Card, Chips, FilterMenu, Note, Pager, Tools } from '../../_ui'
import { type AuditRow, AuditTable } from './audit-table'
import { AUDIT_GROUPS, type AuditGroup } from './audit-words'
import { hrefOf, oneOf, type Query } from './query'

const ACTORS = [
  { value: 'operator', label: 'Operator' },
  { value: 'reseller', label: 'Reseller' },
  { value: 'domain-admin', label: 'Domain admin' },
  { value: 'subscriber', label: 'The owner' },
] as const

export type AuditFilter = { group?: AuditGroup; by?: (typeof ACTORS)[number]['value'] }

/** The filter that a page's query asks for. */
export const auditFilter = (query: Query): AuditFilter => ({
  group: oneOf(
    query.what,
    AUDIT_GROUPS.map(({ key }) => key),
  ),
  by: oneOf(
    query.by,
    ACTORS.map(({ value }) => value),
  ),
})

export type AuditCardProps = {
  path: string
  filter: AuditFilter
  after?: string
  rows: readonly AuditRow[]
  next: string | null
}

/** Filters, the lines and the way on; the CSV holds what is shown. */
export function AuditCard({ path, filter, after, rows, next }: AuditCardProps) {
  const { group, by } = filter
  const base = { what: group, by }
  return (
    <>
      <Tools
        push={
          rows.length > 0 ? (
            <a className="btn s" href={hrefOf(`${path}/csv`, { ...base, after })} download>
              CSV of what is shown
            </a>
          ) : null
        }
      >
        <Chips>
          <FilterMenu
            label="What"
            value={AUDIT_GROUPS.find(({ key }) => key === group)?.label}
            clearHref={hrefOf(path, { by })}
            options={AUDIT_GROUPS.map(({ key, label }) => ({
              label,
              href: hrefOf(path, { ...base, what: key }),
              current: key === group,
            }))}
          />
          <FilterMenu
            label="Done by"
            value={ACTORS.find(({ value }) => value === by)?.label}
            clearHref={hrefOf(path, { what: group })}
            options={ACTORS.map(({ value, label }) => ({
              label,
              href: hrefOf(path, { ...base, by: value }),
              current: value === by,
            }))}
          />
        </Chips>
      </Tools>
      <Card label="Audit">
        <AuditTable rows={rows} empty="No act fits. Every change that anybody makes appears here within a second." />
        {rows.length > 0 ? (
          <Pager
            text={after ? `${rows.length} earlier acts` : `The latest ${rows.length}`}
            words={['Newest', 'Earlier']}
            earlierHref={after ? hrefOf(path, base) : undefined}
            laterHref={next ? hrefOf(path, { ...base, after: next }) : undefined}
          />
        ) : null}
      </Card>
      <Note>
        Nothing can be taken out of this list. What concerns a person stands on their own access ledger too; when an
        account ends, the names and reasons in its lines go with its key.
      </Note>
    </>
  )
}
