import type { RuleId } from '#lib/ids'
import { type ActState, act, textOf } from './act'

/** The senders part of a router, whichever level it is of. */
interface Senders {
  add(input: { action: 'allow' | 'block'; pattern: string }): Promise<{ pattern: string }>
  remove(input: { ruleId: RuleId }): Promise<void>
}
type Pick = (caller: Parameters<Parameters<typeof act>[1]>[0]) => Senders

export const addSenderBy = (area: string, pick: Pick, form: FormData): Promise<ActState> =>
  act(area, async (caller) => {
    const action = textOf(form, 'action') === 'allow' ? 'allow' : 'block'
    const { pattern } = await pick(caller).add({ action, pattern: textOf(form, 'pattern') })
    return { text: action === 'allow' ? `${pattern} is let in from now on.` : `${pattern} is blocked from now on.` }
  })

export const removeSenderBy = (area: string, pick: Pick, form: FormData): Promise<ActState> =>
  act(area, async (caller) => {
    await pick(caller).remove({ ruleId: textOf(form, 'ruleId') as RuleId })
    return { text: 'The rule is removed.' }
  })
