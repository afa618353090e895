'use server'
import { type ActState, act, textOf } from '../../_parts/portal/act'
import { checkWords, rotateWords, stsModeOf } from '../../_parts/portal/domain-words'

const AREA = '/partner'
const placeOf = (form: FormData) => ({ tenantId: textOf(form, 'tenantId'), domainId: textOf(form, 'domainId') })

export async function checkDns(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => ({ text: checkWords(await partner.domains.checkDns(placeOf(form))) }))
}

export async function setMtaSts(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => {
    await partner.domains.setMtaSts({ ...placeOf(form), mode: stsModeOf(textOf(form, 'mode')) })
    return { text: 'Saved' }
  })
}

export async function rotateDkim(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ partner }) => ({ text: rotateWords(await partner.domains.rotateDkim(placeOf(form))) }))
}
