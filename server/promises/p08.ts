import { get, handshake } from '#server/promises/ask'
import { failing, kept, notBuilt, type PolicyPromise } from '#server/promises/promise'

const DOORS = ['https', 'imaps', 'pop3s', 'submissions'] as const

export const p08: PolicyPromise = {
  id: 'P8',
  statement: 'Every connection is encrypted at a high level; plain HTTP is always redirected.',
  check: async ({ settings }) => {
    if (!settings) return notBuilt('No instance runs whose doors could be tried.')
    const host = settings.bind
    const seen: string[] = []
    for (const door of DOORS) {
      const at = { host, port: settings.ports[door] }
      const good = await handshake(at, 'TLSv1.3')
      if (!good) return failing(`The ${door} door does not answer.`)
      if (good.rsaBits > 0 && good.rsaBits < 4096)
        return failing(`The key of the ${door} door has ${good.rsaBits} bits.`)
      if (await handshake(at, 'TLSv1.1')) return failing(`The ${door} door takes TLS 1.1.`)
      seen.push(`${door} ${good.protocol}${good.rsaBits > 0 ? ` RSA-${good.rsaBits}` : ''}`)
    }
    const plain = await get(`http://${host}:${settings.ports.http}/`)
    if (!plain || plain.status < 300 || plain.status > 399 || !plain.location.startsWith('https://'))
      return failing(`Plain HTTP is not redirected (${plain?.status ?? 'no answer'}).`)
    const page = await get(`https://${host}:${settings.ports.https}/`)
    if (!page?.hsts) return failing('The first page sends no Strict-Transport-Security.')
    return kept(`${seen.join(', ')}; TLS 1.1 refused by each; plain HTTP answered ${plain.status} to https; HSTS sent.`)
  },
}
