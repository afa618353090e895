'use server'
import { type ActState, act, secretOf, textOf } from '../../../_parts/portal/act'

const AREA = '/dashboard'

export async function makeMasked(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ dashboard }) => {
    const { address } = await dashboard.addresses.createMasked({ label: textOf(form, 'label') })
    return { text: `${address} is yours. Give it to whom you meant.` }
  })
}

export async function switchMasked(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ dashboard }) => {
    const blocked = textOf(form, 'blocked') === 'yes'
    await dashboard.addresses.changeMasked({ address: textOf(form, 'address'), blocked })
    return { text: blocked ? 'Mail to it is refused from now on.' : 'Mail to it comes in again.' }
  })
}

export async function nameMasked(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ dashboard }) => {
    await dashboard.addresses.changeMasked({ address: textOf(form, 'address'), label: textOf(form, 'label') })
    return { text: 'Saved' }
  })
}

export async function dropMasked(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ dashboard }) => {
    await dashboard.addresses.removeMasked({ address: textOf(form, 'address') })
    return { text: 'The address is gone.' }
  })
}

/** One address a line, or several with commas. */
const addressesOf = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '')

export async function forwardMail(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ dashboard }) => {
    const to = addressesOf(textOf(form, 'to'))
    await dashboard.forward.set({
      forwardTo: to,
      keep: textOf(form, 'keep') !== 'no',
      current: secretOf(form, 'current'),
    })
    return { text: to.length === 0 ? 'Mail stays here from now on.' : 'New mail is sent on from now on.' }
  })
}

export async function endForward(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ dashboard }) => {
    await dashboard.forward.set({ forwardTo: [], keep: true, current: secretOf(form, 'current') })
    return { text: 'Mail stays here from now on.' }
  })
}
