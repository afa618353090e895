import { createServer } from 'node:net'
import type { PortName, Settings } from '#lib/env'
import { Fault } from '#lib/errors'

const WHAT: Record<PortName, string> = {
  https: 'HTTPS',
  http: 'HTTP',
  mx: 'incoming mail',
  lmtp: 'LMTP for a filter',
  submission: 'submission with STARTTLS',
  submissions: 'submission over TLS',
  imap: 'IMAP with STARTTLS',
  imaps: 'IMAP over TLS',
  pop3: 'POP3 with STLS',
  pop3s: 'POP3 over TLS',
  sieve: 'ManageSieve',
  metrics: 'metrics',
}

/** Tries to listen; the code of the failure, or undefined when the port is free. */
const probe = (port: number, host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'UNKNOWN'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })

/** Makes sure, before anything starts, that every port can be listened on. Throws a Fault that names all that cannot. */
export async function checkPorts(settings: Pick<Settings, 'ports' | 'bind'>): Promise<void> {
  const busy: string[] = []
  for (const [name, port] of Object.entries(settings.ports) as [PortName, number][]) {
    const host = name === 'metrics' ? '127.0.0.1' : settings.bind
    const code = await probe(port, host)
    if (code === undefined) continue
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
      throw new Fault('BAD_REQUEST', `BIND is ${host}, which is not an address of this machine: set it to one that is.`)
    }
    if (code === 'EACCES') {
      throw new Fault('FORBIDDEN', `Permission denied: this user may not listen on port ${port} (${WHAT[name]}).`)
    }
    busy.push(`${port} (${WHAT[name]})`)
  }
  if (busy.length > 0) {
    const [ports, are, them] = busy.length === 1 ? ['Port', 'is', 'it'] : ['Ports', 'are', 'them']
    throw new Fault(
      'CONFLICT',
      `${ports} ${busy.join(', ')} ${are} in use: stop what uses ${them}, or shift all ports with MAILTIGHT_PORT_OFFSET=100.`,
    )
  }
}
