'use server'
import { type ActState, act, textOf } from '../../_parts/portal/act'

const AREA = '/console/outgoing'
const ACTS = ['hold', 'retry', 'cancel'] as const
const SAID = { hold: 'Held', retry: 'Tried again now', cancel: 'Cancelled' } as const

/** One recipient, or everything that waits where none is named. */
export async function changeWaiting(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const queueAct = ACTS.find((one) => one === textOf(form, 'queueAct')) ?? 'hold'
    const queueId = textOf(form, 'queueId')
    const one = queueId === '' ? {} : { queueId, position: Number(textOf(form, 'position')) }
    const { changed } = await desk.outgoing.change({ queueAct, ...one })
    if (changed === 0) return { text: 'Nothing was left to change: it has gone meanwhile.' }
    return { text: `${SAID[queueAct]}: ${changed === 1 ? '1 recipient' : `${changed} recipients`}.` }
  })
}

export async function tryAgain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.outgoing.unsuppress({ suppression: textOf(form, 'suppression') })
    return { text: 'Mail to this address is tried again.' }
  })
}

export async function letSend(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.outgoing.lift({ accountId: textOf(form, 'accountId') })
    return { text: 'The account may send again.' }
  })
}
