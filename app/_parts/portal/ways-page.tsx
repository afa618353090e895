import type { Way } from '#server/services/trace/list'
import { PageHead } from '../../_ui'
import { Ways, type WaysProps } from './ways'

/** The page of a trace for people who see one organisation's, or their own. */
export function WaysPage({
  lead,
  page,
  ...rest
}: Omit<WaysProps, 'ways' | 'next'> & { lead: string; page: { items: Way[]; next: string | null } }) {
  return (
    <>
      <PageHead title="Message trace" lead={lead} />
      <Ways {...rest} ways={page.items} next={page.next} />
    </>
  )
}
