'use server'
import { type ActState, act, numberOf, textOf } from '../../_parts/portal/act'
import { addSenderBy, removeSenderBy } from '../../_parts/portal/sender-acts'

const AREA = '/console'

export async function addSender(_: ActState, form: FormData): Promise<ActState> {
  return addSenderBy(AREA, (caller) => caller.console.senders, form)
}

export async function removeSender(_: ActState, form: FormData): Promise<ActState> {
  return removeSenderBy(AREA, (caller) => caller.console.senders, form)
}

export async function setMailPolicy(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const greylist = textOf(form, 'greylist')
    await desk.mailPolicy.set({
      spam: textOf(form, 'spam') === 'quarantine' ? 'quarantine' : 'junk',
      dmarc: textOf(form, 'dmarc') === 'note' ? 'note' : 'obey',
      greylist: greylist === 'all' || greylist === 'suspicious' ? greylist : 'off',
      junkScoreTenths: tenthsOf(form, 'junkScoreTenths'),
      rejectScoreTenths: tenthsOf(form, 'rejectScoreTenths'),
    })
    return { text: 'Saved' }
  })
}

/** Points with one decimal, as tenths. */
const tenthsOf = (form: FormData, name: string): number => Math.round((numberOf(form, name) ?? Number.NaN) * 10)
