import { get } from '#server/promises/ask'
import { failing, kept, notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p01: PolicyPromise = {
  id: 'P1',
  statement: 'Visits for information set no cookie and store no personal data; only general statistics are kept.',
  check: async ({ settings }) => {
    if (!settings) return notBuilt('No instance runs whose pages could be asked.')
    const answer = await get(`https://${settings.bind}:${settings.ports.https}/`)
    if (!answer) return failing('The first page does not answer.')
    return answer.cookies === 0
      ? kept(`GET / answered ${answer.status} and set no cookie; there is no table in which a visit could be kept.`)
      : failing(`GET / set ${answer.cookies} cookies.`)
  },
}
