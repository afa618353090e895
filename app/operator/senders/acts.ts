'use server'
import type { ActState } from '../../_parts/portal/act'
import { addSenderBy, removeSenderBy } from '../../_parts/portal/sender-acts'

const AREA = '/operator'

export async function addSender(_: ActState, form: FormData): Promise<ActState> {
  return addSenderBy(AREA, (caller) => caller.operator.senders, form)
}

export async function removeSender(_: ActState, form: FormData): Promise<ActState> {
  return removeSenderBy(AREA, (caller) => caller.operator.senders, form)
}
