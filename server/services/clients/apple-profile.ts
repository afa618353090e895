import { createHash } from 'node:crypto'
import { PORTS } from '#server/services/clients/settings'
import { xmlText } from '#server/services/clients/xml'

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value }

/** An Apple configuration profile for one mailbox (com.apple.mail.managed). No password: the device asks for it. */
export function appleProfile(of: { hostname: string; address: string; name: string }): string {
  const { hostname, address, name } = of
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const incoming = {
    IncomingMailServerAuthentication: 'EmailAuthPassword',
    IncomingMailServerHostName: hostname,
    IncomingMailServerPortNumber: PORTS.imap,
    IncomingMailServerUseSSL: true,
    IncomingMailServerUsername: address,
  }
  const outgoing = {
    OutgoingMailServerAuthentication: 'EmailAuthPassword',
    OutgoingMailServerHostName: hostname,
    OutgoingMailServerPortNumber: PORTS.submission,
    OutgoingMailServerUseSSL: true,
    OutgoingMailServerUsername: address,
    OutgoingPasswordSameAsIncomingPassword: true,
  }
  const mail = {
    PayloadType: 'com.apple.mail.managed',
    PayloadVersion: 1,
    PayloadIdentifier: `${hostname}.mail.${steady(address, 'mail')}.account`,
    PayloadUUID: steady(address, 'account'),
    PayloadDisplayName: address,
    EmailAccountType: 'EmailTypeIMAP',
    EmailAccountDescription: domain,
    EmailAccountName: name,
    EmailAddress: address,
    ...incoming,
    ...outgoing,
  }
  const profile = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: `${hostname}.mail.${steady(address, 'mail')}`,
    PayloadUUID: steady(address, 'profile'),
    PayloadDisplayName: `Mail of ${address}`,
    PayloadOrganization: domain,
    PayloadRemovalDisallowed: false,
    PayloadContent: [mail],
  }
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${plist(profile)}
</plist>
`
}

function plist(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `<string>${xmlText(value)}</string>`
    case 'number':
      return `<integer>${value}</integer>`
    case 'boolean':
      return value ? '<true/>' : '<false/>'
    case 'object':
      if (isList(value)) return `<array>\n${value.map(plist).join('\n')}\n</array>`
      return `<dict>\n${Object.entries(value)
        .map(([key, one]) => `<key>${xmlText(key)}</key>\n${plist(one)}`)
        .join('\n')}\n</dict>`
  }
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** The same UUID (RFC 9562 section 5.8) for the same mailbox, so that a profile fetched again takes the place of the first. */
function steady(address: string, part: string): string {
  const bytes = createHash('sha256').update(`mailtight/apple/${part}|${address}`).digest().subarray(0, 16)
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join('-')
    .toUpperCase()
}
