'use server'
import { type ActState, act, textOf } from '../../_parts/portal/act'
import { checkWords, rotateWords, stsModeOf } from '../../_parts/portal/domain-words'

const AREA = '/console'

export async function checkDns(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => ({
    text: checkWords(await desk.domains.checkDns({ domainId: textOf(form, 'domainId') })),
  }))
}

export async function setMtaSts(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.domains.setMtaSts({ domainId: textOf(form, 'domainId'), mode: stsModeOf(textOf(form, 'mode')) })
    return { text: 'Saved' }
  })
}

export async function rotateDkim(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => ({
    text: rotateWords(await desk.domains.rotateDkim({ domainId: textOf(form, 'domainId') })),
  }))
}
