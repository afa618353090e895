import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from '#lib/lifecycle'
import { createStub } from '#mailcore/dns/stub'
import { runWell, type Started, start } from './programs'

/** A certificate authority with one certificate per name, by openssl; the authority is what a client is told to trust. */
export interface Authority {
  ca: string
  certificate(name: string): { key: string; cert: string }
  /** SHA-256 of a certificate's public key, in hexadecimal: what a `3 1 1` record holds (RFC 6698 2.1). */
  spki(cert: string): string
}

export function makeAuthority(home: string): Authority {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: home, stdio: 'pipe' })
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA')
  return {
    ca: readFileSync(join(home, 'ca.pem'), 'utf8'),
    certificate: (name) => {
      openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      writeFileSync(join(home, `${name}.ext`), `subjectAltName=DNS:${name}\n`)
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`]
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing)
      return {
        key: readFileSync(join(home, `${name}.key`), 'utf8'),
        cert: readFileSync(join(home, `${name}.pem`), 'utf8'),
      }
    },
    spki: (cert) =>
      createHash('sha256')
        .update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' }))
        .digest('hex'),
  }
}

export interface Zones {
  /** The validating resolver, `127.0.0.1:port` */
  server: string
  stop(): Promise<void>
}

/**
 * Two zones on loopback by Debian's bind9, one signed and one not, and unbound in front, which validates with the signed one's key as its anchor. `signed` and
 * `unsigned` are records as a zone file has them, below `signed.test` and `plain.test`.
 */
export async function serveZones(
  home: string,
  records: { signed: string; unsigned: string },
  ports: { named: number; unbound: number },
): Promise<Zones> {
  const soa = '$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n'
  const keys = join(home, 'keys')
  mkdirSync(keys, { recursive: true })
  writeFileSync(join(home, 'plain.zone'), soa + records.unsigned)
  writeFileSync(join(home, 'signed.zone'), soa + records.signed)
  const key = ['-K', keys, '-a', 'ECDSAP256SHA256']
  await runWell('dnssec-keygen', [...key, '-f', 'KSK', 'signed.test'], { home })
  await runWell('dnssec-keygen', [...key, 'signed.test'], { home })
  await runWell('dnssec-signzone', ['-S', '-K', keys, '-o', 'signed.test', '-f', 'signed.zone.signed', 'signed.zone'], {
    home,
  })
  const anchor = readdirSync(keys)
    .filter((name) => name.endsWith('.key'))
    .map((name) =>
      readFileSync(join(keys, name), 'utf8')
        .replace(/^;.*\n/gm, '')
        .trim(),
    )
    .find((text) => text.includes('DNSKEY 257'))
  if (anchor === undefined) throw new Error('no key-signing key')
  writeFileSync(join(home, 'named.conf'), namedConf(home, ports.named))
  writeFileSync(join(home, 'unbound.conf'), unboundConf(home, anchor, ports))
  const servers: Started[] = [
    start('named', ['-g', '-c', join(home, 'named.conf'), '-n', '1'], { home, lastsMs: 120_000 }),
    start('unbound', ['-d', '-c', join(home, 'unbound.conf')], { home, lastsMs: 120_000 }),
  ]
  const server = `127.0.0.1:${ports.unbound}`
  const stop = async () => {
    for (const one of servers) one.kill('SIGTERM')
    await Promise.all(servers.map(({ ended }) => ended))
  }
  const ask = createStub({ servers: [server], validating: true })
  for (let tries = 0; ; tries++) {
    const answer = await ask('ns.signed.test', 'A').catch(() => null)
    if (answer?.secure) return { server, stop }
    if (tries > 50) {
      await stop()
      throw new Error(
        `the zones are not served: ${(await Promise.all(servers.map(({ ended }) => ended))).map(({ err }) => err).join('\n')}`,
      )
    }
    await pause(200)
  }
}

const namedConf = (home: string, port: number): string => `
options {
  directory "${home}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file "${home}/named.pid";
  session-keyfile "${home}/session.key";
  recursion no;
  dnssec-validation no;
};
controls { };
zone "signed.test" { type primary; file "signed.zone.signed"; };
zone "plain.test" { type primary; file "plain.zone"; };
`

const unboundConf = (home: string, anchor: string, ports: { named: number; unbound: number }): string => `
server:
  interface: 127.0.0.1@${ports.unbound}
  do-ip6: no
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "${home}"
  pidfile: "${home}/unbound.pid"
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor: "${anchor.replace(/\s+/g, ' ')}"
  domain-insecure: "plain.test"
  local-zone: "test." nodefault
  cache-max-ttl: 1
stub-zone:
  name: "signed.test"
  stub-addr: 127.0.0.1@${ports.named}
stub-zone:
  name: "plain.test"
  stub-addr: 127.0.0.1@${ports.named}
remote-control:
  control-enable: no
`
