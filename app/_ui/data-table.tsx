import Link from 'next/link'
import type { ReactNode } from 'react'
import { cx } from './cx'
import { Icon } from './icon'
import { PickAll } from './pick-all'

export type Column<Row> = {
  key: string
  header: ReactNode
  cell: (row: Row) => ReactNode
  align?: 'right'
  /** On a phone: `title` (the first column unless said), `side` (top right: the state), `line` (a labelled pair below), `hide`. */
  phone?: 'title' | 'side' | 'line' | 'hide'
  /** The label of the pair on a phone; `header` when that is a word. "" for none. */
  phoneLabel?: string
  /** Hidden while a sheet stands open or the screen is under 1200. */
  wideOnly?: boolean
  /** The order the list stands in, and where a click on the head leads. */
  sort?: 'ascending' | 'descending'
  sortHref?: string
  /** A class for a width of this one page. */
  className?: string
}

export type DataTableProps<Row> = {
  /** What the table lists; read out, not shown. */
  caption: string
  columns: Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** Makes the first column a link that covers the row. */
  rowHref?: (row: Row) => string
  /** The row whose sheet stands open. */
  openKey?: string
  /** Checkboxes named `name` with the row's key as value, for a form around the table and its `BulkBar`. */
  select?: { name: string; label: (row: Row) => string; allLabel?: string; disabled?: (row: Row) => boolean }
  /** At the end of each row: a `Menu`. */
  acts?: (row: Row) => ReactNode
  /** Instead of rows when there are none: an `Empty`. */
  empty?: ReactNode
  /** Two-line rows, cells at the top. */
  airy?: boolean
  /** A heading row wherever the text changes. */
  groupBy?: (row: Row) => string
  /** Sums; one per column key. */
  foot?: Record<string, ReactNode>
}

// A table shown as records loses its meaning in some browsers unless its roles are written out.
const AS = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'cell' },
}

/** Rows and columns; under 768 px each row becomes a record. Stands directly in a `Card`. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, empty, airy, select, acts, foot } = props
  if (rows.length === 0 && empty) return <>{empty}</>
  return (
    <table {...AS.table} className={cx('tbl fold', airy && 'air', select && 'picks')}>
      <caption className="vh">{caption}</caption>
      <thead {...AS.group}>
        <tr {...AS.row}>
          {select ? (
            <th {...AS.head} className="pick">
              <PickAll name={select.name} label={select.allLabel ?? 'Select all shown'} />
            </th>
          ) : null}
          {columns.map((c) => (
            <th key={c.key} {...AS.head} scope="col" aria-sort={c.sort} className={cellClass(c)}>
              <Head column={c} />
            </th>
          ))}
          {acts ? (
            <th {...AS.head} className="act">
              <span className="vh">Acts</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody {...AS.group}>{rows.flatMap((row, i) => rowsOf(props, row, rows[i - 1]))}</tbody>
      {foot ? (
        <tfoot {...AS.group}>
          <tr {...AS.row}>
            {select ? <td {...AS.cell} className="pick" /> : null}
            {columns.map((c, i) => (
              <td key={c.key} {...AS.cell} className={cx(cellClass(c), phoneOf(c, i))}>
                <PhoneLabel column={c} index={i} />
                {foot[c.key]}
              </td>
            ))}
            {acts ? <td {...AS.cell} className="act" /> : null}
          </tr>
        </tfoot>
      ) : null}
    </table>
  )
}

function rowsOf<Row>(props: DataTableProps<Row>, row: Row, before: Row | undefined): ReactNode[] {
  const { columns, groupBy, rowKey, select, acts } = props
  const group = groupBy?.(row)
  const line = <Line key={rowKey(row)} table={props} row={row} />
  if (group === undefined || (before !== undefined && groupBy?.(before) === group)) return [line]
  const span = columns.length + (select ? 1 : 0) + (acts ? 1 : 0)
  return [
    <tr key={`group ${group}`} {...AS.row} className="group">
      <td {...AS.cell} colSpan={span}>
        {group}
      </td>
    </tr>,
    line,
  ]
}

function Line<Row>({ table, row }: { table: DataTableProps<Row>; row: Row }) {
  const { columns, rowKey, rowHref, openKey, select, acts } = table
  const key = rowKey(row)
  const open = key === openKey
  return (
    <tr {...AS.row} className={cx(Boolean(rowHref) && 'linked', open && 'open')}>
      {select ? (
        <td {...AS.cell} className="pick">
          <input
            type="checkbox"
            name={select.name}
            value={key}
            aria-label={select.label(row)}
            disabled={select.disabled?.(row)}
          />
        </td>
      ) : null}
      {columns.map((c, i) => (
        <td key={c.key} {...AS.cell} className={cx(cellClass(c), i === 0 && 'main-cell', phoneOf(c, i))}>
          <PhoneLabel column={c} index={i} />
          {i === 0 && rowHref ? (
            <Link className="nm" href={rowHref(row)} scroll={false} aria-current={open ? 'true' : undefined}>
              {c.cell(row)}
            </Link>
          ) : (
            <Value inline={phoneOf(c, i) !== 'p-line'}>{c.cell(row)}</Value>
          )}
        </td>
      ))}
      {acts ? (
        <td {...AS.cell} className="act">
          {acts(row)}
        </td>
      ) : null}
    </tr>
  )
}

function Head<Row>({ column }: { column: Column<Row> }) {
  const arrow = column.sort ? <Icon name={column.sort === 'ascending' ? 'sortUp' : 'sortDown'} size={12} /> : null
  if (!column.sortHref) {
    return (
      <>
        {column.header}
        {arrow}
      </>
    )
  }
  return (
    <Link href={column.sortHref} scroll={false}>
      {column.header}
      {arrow}
    </Link>
  )
}

function PhoneLabel<Row>({ column, index }: { column: Column<Row>; index: number }) {
  const text = column.phoneLabel ?? (typeof column.header === 'string' ? column.header : '')
  if (phoneOf(column, index) !== 'p-line' || !text) return null
  return (
    <span className="k" aria-hidden="true">
      {text}
    </span>
  )
}

/** On a phone the value stands beside its label, so it needs a box of its own; an empty one hides its line. */
function Value({ inline, children }: { inline: boolean; children: ReactNode }) {
  return inline ? children : <span className="val">{children}</span>
}

function phoneOf<Row>(column: Column<Row>, index: number): string {
  return `p-${column.phone ?? (index === 0 ? 'title' : 'line')}`
}

function cellClass<Row>(column: Column<Row>): string {
  return cx(column.align === 'right' && 'r', column.wideOnly && 'wide', column.className)
}
