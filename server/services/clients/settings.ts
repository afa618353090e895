import { xmlText } from '#server/services/clients/xml'

/** The doors of a mail program, all with TLS from the first byte (RFC 8314 section 3), at the ports that the DNS plan names too. */
export const PORTS = { imap: 993, pop3: 995, submission: 465, sieve: 4190 } as const

/** What Thunderbird and others read (Mozilla's autoconfig, config-v1.1). They put the address in the place of %EMAILADDRESS% themselves, so none is asked for. */
export function autoconfigXml(domain: string, hostname: string): string {
  const server = (tag: string, type: string, port: number) =>
    `    <${tag} type="${type}">
      <hostname>${xmlText(hostname)}</hostname>
      <port>${port}</port>
      <socketType>SSL</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </${tag}>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${xmlText(domain)}">
    <domain>${xmlText(domain)}</domain>
    <displayName>${xmlText(domain)}</displayName>
    <displayShortName>${xmlText(domain)}</displayShortName>
${server('incomingServer', 'imap', PORTS.imap)}
${server('incomingServer', 'pop3', PORTS.pop3)}
${server('outgoingServer', 'smtp', PORTS.submission)}
  </emailProvider>
</clientConfig>
`
}

/** Bytes of a request of Outlook: the honest ones are half a kilobyte. */
export const AUTODISCOVER_BYTES = 16 * 1024

/** The address in a request of Outlook (MS-OXDSCLI 2.2.3); '' where there is none. Found without an XML parser: nothing else of it is used. */
export const addressIn = (body: string): string =>
  /<EMailAddress>\s*([^<>&\s]{3,320})\s*<\/EMailAddress>/i.exec(body.slice(0, AUTODISCOVER_BYTES))?.[1] ?? ''

/** The answer to it (MS-OXDSCLI 2.2.4). `address` is put in as the login name; where there is none, Outlook asks. */
export function autodiscoverXml(hostname: string, address: string): string {
  const login = address === '' ? '' : `\n        <LoginName>${xmlText(address)}</LoginName>`
  const protocol = (type: string, port: number, more = '') => `      <Protocol>
        <Type>${type}</Type>
        <Server>${xmlText(hostname)}</Server>
        <Port>${port}</Port>${login}
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>SSL</Encryption>
        <AuthRequired>on</AuthRequired>${more}
      </Protocol>`
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocol('IMAP', PORTS.imap)}
${protocol('POP3', PORTS.pop3)}
${protocol('SMTP', PORTS.submission, '\n        <UsePOPAuth>on</UsePOPAuth>')}
    </Account>
  </Response>
</Autodiscover>
`
}
