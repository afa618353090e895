import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { hrefOf, orNotFound, type Query } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { afterOf, ResellerList } from '../reseller-list'
import { ResellerSheet } from '../reseller-sheet'

export const metadata: Metadata = { title: 'Reseller' }

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Query> }

/** The list with one reseller's sheet beside it. */
export default async function ResellerPage({ params, searchParams }: Props) {
  const { id: resellerId } = await params
  await requireActor('operator', `/operator/resellers/${encodeURIComponent(resellerId)}`)
  const after = afterOf(await searchParams)
  const { operator } = await callerFor()
  const reseller = await orNotFound(operator.resellers.get({ resellerId }))
  const [statistics, staff, ledger] = await Promise.all([
    operator.resellers.statistics({ resellerId }),
    operator.staff.list({ resellerId }),
    operator.resellers.audit({ resellerId, limit: 8 }),
  ])
  return (
    <>
      <ResellerList after={after} openId={reseller.id} />
      <ResellerSheet
        reseller={reseller}
        statistics={statistics}
        staff={staff}
        ledger={ledger.items}
        closeHref={hrefOf('/operator/resellers', { after })}
      />
    </>
  )
}
