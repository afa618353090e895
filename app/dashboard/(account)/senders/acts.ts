'use server'
import type { ActState } from '../../../_parts/portal/act'
import { addSenderBy, removeSenderBy } from '../../../_parts/portal/sender-acts'

const AREA = '/dashboard'

export async function addSender(_: ActState, form: FormData): Promise<ActState> {
  return addSenderBy(AREA, (caller) => caller.dashboard.senders, form)
}

export async function removeSender(_: ActState, form: FormData): Promise<ActState> {
  return removeSenderBy(AREA, (caller) => caller.dashboard.senders, form)
}
