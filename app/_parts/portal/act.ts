import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { fromOwnPage } from '#server/auth/same-origin'
import { backend, type Caller } from '#server/web/backend'
import { callerFor, refusalOf } from '../../_trpc/server'

/** What came of a form. `errors[].field` is the name of a field of that form; `to` is where the page goes next. */
export type ActState = {
  ok?: { text: string; at: string; to?: string }
  errors?: { field?: string; text: string }[]
}

/** A server action as the portal's forms take it. */
export type FormAct = (before: ActState, form: FormData) => Promise<ActState>

type Done = { text: string; to?: string }

/**
 * Runs one act of a form and puts its outcome into words. Whoever acts is read from the session again, and every call passes its
 * own ladder. Next lets an action through whose Origin is `null`, which a stranger's sandboxed page can send: so it is asked here too.
 */
export async function act(area: string, work: (caller: Caller) => Promise<Done>): Promise<ActState> {
  if (!fromOwnPage(await headers(), backend().origins))
    return { errors: [{ text: 'This request did not come from this site. Nothing was changed.' }] }
  try {
    const done = await work(await callerFor())
    // A form that leads elsewhere must still stand when its answer comes; the page it leads to is read anew anyway.
    if (!done.to) revalidatePath(area, 'layout')
    return { ok: { ...done, at: new Date().toISOString() } }
  } catch (error) {
    const { text, field } = refusalOf(error)
    return { errors: [{ text, field }] }
  }
}

/** A field of a form as text, without blanks around it; "" when it is absent. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

/** A password is sent as it was typed: blanks in it count. */
export function secretOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

/** A whole number; undefined when the field was left empty. What is no number becomes NaN, which every schema refuses. */
export function numberOf(form: FormData, name: string): number | undefined {
  const text = textOf(form, name)
  return text === '' ? undefined : Number(text)
}
