'use server'
import { type ActState, act, textOf } from '../../_parts/portal/act'

const AREA = '/console'
const POSTING = ['anyone', 'tenant', 'members'] as const
const postingOf = (form: FormData) => POSTING.find((one) => one === textOf(form, 'posting')) ?? 'tenant'

export async function addAlias(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const { address } = await desk.addresses.createAlias({
      address: textOf(form, 'address'),
      accountId: textOf(form, 'accountId'),
    })
    return { text: `Mail to ${address} arrives from now on.` }
  })
}

export async function removeAlias(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.addresses.removeAlias({ address: textOf(form, 'address') })
    return { text: 'The alias is removed.' }
  })
}

export async function addGroup(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const { id } = await desk.addresses.createGroup({
      kind: textOf(form, 'kind') === 'list' ? 'list' : 'group',
      address: textOf(form, 'address'),
      name: textOf(form, 'name'),
      description: '',
      posting: postingOf(form),
    })
    return { text: 'It is there. Add its members next.', to: `/console/addresses/${id}` }
  })
}

export async function changeGroup(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.addresses.changeGroup({
      groupId: textOf(form, 'groupId'),
      name: textOf(form, 'name'),
      description: textOf(form, 'description'),
      posting: postingOf(form),
    })
    return { text: 'Saved' }
  })
}

export async function removeGroup(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.addresses.removeGroup({ groupId: textOf(form, 'groupId') })
    return { text: 'It is removed.', to: '/console/addresses' }
  })
}

/** One address a line, or several with commas. */
const addressesOf = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '')

export async function addMembers(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const addresses = addressesOf(textOf(form, 'addresses'))
    const { added, notAdded } = await desk.addresses.addMembers({ groupId: textOf(form, 'groupId'), addresses })
    const said = `${added === 1 ? '1 member' : `${added} members`} added.`
    const [first] = notAdded
    if (!first) return { text: said }
    const more = notAdded.length > 1 ? ` And ${notAdded.length - 1} more were not added.` : ''
    return { text: `${said} Not ${first.who}: ${first.why}${more}` }
  })
}

export async function removeMember(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    await desk.addresses.removeMember({ groupId: textOf(form, 'groupId'), memberId: textOf(form, 'memberId') })
    return { text: 'The member is out.' }
  })
}

export async function chooseCatchAll(_: ActState, form: FormData): Promise<ActState> {
  return act(AREA, async ({ console: desk }) => {
    const accountId = textOf(form, 'accountId')
    const domainId = textOf(form, 'domainId')
    if (accountId === '') await desk.addresses.clearCatchAll({ domainId })
    else await desk.addresses.setCatchAll({ domainId, accountId })
    return { text: 'Saved' }
  })
}
