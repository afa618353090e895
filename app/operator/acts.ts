'use server'
import { type ActState, act, numberOf, secretOf, textOf } from '../_parts/portal/act'

const AREA = '/operator'

export async function addReseller(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ operator }) => {
    const { id } = await operator.resellers.create({
      name: textOf(form, 'name'),
      seats: numberOf(form, 'seats'),
      domains: numberOf(form, 'domains'),
    })
    return { text: 'The reseller is there. Make their first login next.', to: `/operator/resellers/${id}` }
  })
}

export async function addStaff(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ operator }) => {
    const email = textOf(form, 'email')
    await operator.staff.create({
      resellerId: textOf(form, 'resellerId'),
      email,
      name: textOf(form, 'name') || undefined,
      password: secretOf(form, 'password'),
    })
    return { text: `${email} can sign in now.` }
  })
}

export async function suspendReseller(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ operator }) => {
    await operator.resellers.suspend({ resellerId: textOf(form, 'resellerId'), reason: textOf(form, 'reason') })
    return { text: 'The reseller is suspended. Nothing was deleted.' }
  })
}

export async function resumeReseller(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ operator }) => {
    await operator.resellers.resume({ resellerId: textOf(form, 'resellerId'), reason: textOf(form, 'reason') })
    return { text: 'The reseller works again.' }
  })
}
