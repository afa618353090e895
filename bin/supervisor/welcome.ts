import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Settings } from '#lib/env'

const login = z.object({ email: z.string(), password: z.string() })
const demo = z.object({ operator: login, reseller: login, domainAdmin: login, subscribers: z.array(login) })

/** The demo logins as lines, when there are any. */
function logins(file: string): string[] {
  if (!existsSync(file))
    return [
      'No demo world. Make the first operator with: bin/mailtight operator create you@example.com --password-stdin',
    ]
  const parsed = demo.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) return [`The demo logins are in ${file}.`]
  const { operator, reseller, domainAdmin, subscribers } = parsed.data
  const rows: [string, { email: string; password: string }][] = [
    ['operator', operator],
    ['reseller', reseller],
    ['domain admin', domainAdmin],
    ...subscribers.slice(0, 3).map((one): [string, typeof one] => ['subscriber', one]),
  ]
  const width = Math.max(...rows.map(([, one]) => one.email.length))
  return [
    'Demo logins:',
    ...rows.map(([role, one]) => `  ${role.padEnd(13)} ${one.email.padEnd(width)}  ${one.password}`),
    `  (all of them: ${file})`,
  ]
}

/** What a person needs to know once everything runs: the address, the ports, the logins. */
export function welcome(settings: Settings, tookMs: number): string {
  const { ports, bind } = settings
  const lines = [
    `MailTight runs (${(tookMs / 1_000).toFixed(1)} s). Open ${settings.webUrl}`,
    ...(settings.tls.own ? [] : ['The certificate is self-made: the browser warns once.']),
    '',
    `Ports on ${bind}:`,
    `  web         ${ports.https} (HTTPS), ${ports.http} (leads there)`,
    `  mail in     ${ports.mx} (SMTP, STARTTLS)`,
    `  submission  ${ports.submission} (STARTTLS), ${ports.submissions} (TLS)`,
    `  IMAP        ${ports.imaps} (TLS), ${ports.imap} (STARTTLS)`,
    `  POP3        ${ports.pop3s} (TLS), ${ports.pop3} (STLS)`,
    `  ManageSieve ${ports.sieve} (STARTTLS)`,
    `  metrics     ${ports.metrics} (127.0.0.1 only)`,
    '',
    ...logins(settings.files.demo),
    '',
    `Data: ${settings.home}   Logs: ${settings.home}/logs   Stop: Ctrl-C`,
  ]
  return `\n${lines.join('\n')}\n\n`
}
