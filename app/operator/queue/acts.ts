'use server'
import { type ActState, act, textOf } from '../../_parts/portal/act'

const ACTS = ['hold', 'retry'] as const

/** Holds or lets go everything of one customer. */
export async function changeCustomer(_: ActState, form: FormData): Promise<ActState> {
  return act('/operator/queue', async ({ operator }) => {
    const queueAct = ACTS.find((one) => one === textOf(form, 'queueAct')) ?? 'hold'
    const { changed } = await operator.queue.change({ tenantId: textOf(form, 'tenantId'), queueAct })
    return { text: `${queueAct === 'hold' ? 'Held' : 'Let go'}: ${changed} recipients.` }
  })
}
