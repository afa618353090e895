'use server'
import { LIMITS } from '#lib/limits'
import { type ActState, act, numberOf, secretOf, textOf } from '../_parts/portal/act'

const AREA = '/console'

export async function suspendPerson(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.accounts.suspend({ accountId: textOf(form, 'accountId'), reason: textOf(form, 'reason') })
    return { text: `${textOf(form, 'address')} is suspended. Nothing was deleted.` }
  })
}

export async function resumePerson(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.accounts.resume({ accountId: textOf(form, 'accountId'), reason: textOf(form, 'reason') })
    return { text: `${textOf(form, 'address')} works again.` }
  })
}

/** One after the other: whoever was suspended before a refusal stays so, and the answer says how many. */
export async function suspendPeople(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const reason = textOf(form, 'reason')
    const ids = textOf(form, 'ids').split(',').filter(Boolean).slice(0, 200)
    let done = 0
    for (const accountId of ids) {
      const { state } = await desk.accounts.get({ accountId })
      // Suspended meanwhile, by a second click or a colleague: that is what was wanted.
      if (state === 'suspended') continue
      await desk.accounts.suspend({ accountId, reason })
      done++
    }
    const text = `${done} ${done === 1 ? 'person is' : 'people are'} suspended. Nothing was deleted.`
    return { text, to: '/console/people?state=suspended' }
  })
}

export async function resetPassword(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const password = secretOf(form, 'password')
    await desk.accounts.resetPassword({
      accountId: textOf(form, 'accountId'),
      password,
      reason: textOf(form, 'reason'),
    })
    return { text: 'The new password is in force. Every session and app password ended; no mail was lost.' }
  })
}

export async function setRole(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const role = textOf(form, 'role') === 'admin' ? 'admin' : 'member'
    await desk.accounts.setRole({ accountId: textOf(form, 'accountId'), role, reason: textOf(form, 'reason') })
    return { text: role === 'admin' ? 'Made a domain admin.' : 'Made an ordinary member.' }
  })
}

export async function changeName(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.accounts.changeProfile({
      accountId: textOf(form, 'accountId'),
      name: textOf(form, 'name'),
      reason: textOf(form, 'reason'),
    })
    return { text: 'Saved' }
  })
}

export async function terminatePerson(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.accounts.terminate({ accountId: textOf(form, 'accountId'), reason: textOf(form, 'reason') })
    return { text: `The account is closing. It can be brought back for ${LIMITS.terminationGraceDays} days.` }
  })
}

export async function bringBack(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.accounts.cancelTermination({ accountId: textOf(form, 'accountId'), reason: textOf(form, 'reason') })
    return { text: 'The account is back, with everything in it.' }
  })
}

export async function addPerson(_: ActState, form: FormData): Promise<ActState> {
  const { ok, errors } = await act(AREA, async ({ console: desk }) => {
    const { id } = await desk.accounts.create({
      address: `${textOf(form, 'local')}@${textOf(form, 'domain')}`,
      name: textOf(form, 'name') || undefined,
      password: secretOf(form, 'password'),
      role: textOf(form, 'role') === 'admin' ? 'admin' : 'member',
    })
    return { text: 'The mailbox is there and takes mail.', to: `/console/people/${id}` }
  })
  // The form asks for the address in two parts; what is wrong with it is shown at the first.
  return { ok, errors: errors?.map((one) => (one.field === 'address' ? { ...one, field: 'local' } : one)) }
}

export async function addDomain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const { name } = await desk.domains.add({ name: textOf(form, 'name') })
    return { text: `${name} is added. Prove that it is yours next.`, to: '/console/domains' }
  })
}

export async function checkDomain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.domains.verify({ domainId: textOf(form, 'domainId') })
    return { text: 'The record was found. The domain is verified.' }
  })
}

export async function removeDomain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.domains.remove({ domainId: textOf(form, 'domainId') })
    return { text: 'The domain is removed.' }
  })
}

export async function setRetention(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.retention.set({ recoverDays: numberOf(form, 'recoverDays') ?? Number.NaN })
    return { text: 'Saved' }
  })
}
