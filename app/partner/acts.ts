'use server'
import { type ActState, act, numberOf, textOf } from '../_parts/portal/act'

const AREA = '/partner'

export async function addCustomer(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    const { id } = await partner.tenants.create({
      name: textOf(form, 'name'),
      region: textOf(form, 'region'),
      seats: numberOf(form, 'seats'),
    })
    return { text: 'The customer is there. Add their domain next.', to: `/partner/customers/${id}` }
  })
}

export async function changeCustomer(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.tenants.update({
      tenantId: textOf(form, 'tenantId'),
      name: textOf(form, 'name'),
      seats: numberOf(form, 'seats'),
    })
    return { text: 'Saved' }
  })
}

export async function suspendCustomer(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.tenants.suspend({ tenantId: textOf(form, 'tenantId'), reason: textOf(form, 'reason') })
    return { text: 'The customer is suspended. Nothing was deleted.' }
  })
}

export async function resumeCustomer(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.tenants.resume({ tenantId: textOf(form, 'tenantId'), reason: textOf(form, 'reason') })
    return { text: 'The customer works again.' }
  })
}

export async function letSend(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.sending.lift({ tenantId: textOf(form, 'tenantId'), accountId: textOf(form, 'accountId') })
    return { text: 'The account may send again.' }
  })
}

export async function setSendingCap(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    const perHour = numberOf(form, 'perHour') ?? -1
    const perDay = numberOf(form, 'perDay') ?? -1
    await partner.sending.setCap({ tenantId: textOf(form, 'tenantId'), perHour, perDay })
    return { text: 'Saved' }
  })
}

export async function addDomain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    const { name } = await partner.domains.add({ tenantId: textOf(form, 'tenantId'), name: textOf(form, 'name') })
    return { text: `${name} is added. Its owner sets one DNS record next.` }
  })
}

export async function checkDomain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.domains.verify({ tenantId: textOf(form, 'tenantId'), domainId: textOf(form, 'domainId') })
    return { text: 'The record was found. The domain is verified.' }
  })
}

export async function removeDomain(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.domains.remove({ tenantId: textOf(form, 'tenantId'), domainId: textOf(form, 'domainId') })
    return { text: 'The domain is removed.' }
  })
}
