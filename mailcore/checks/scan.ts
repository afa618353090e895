import { codeOf } from '#lib/errors'
import type { Log } from '#lib/log'
import type { WhenDown } from '#lib/settings/mail'
import type { Inspected } from '#mailcore/ports/checks'
import { createBreaker } from './breaker'
import { type ClamdAddress, createClamd, type VirusOpinion } from './clamd'
import { createRspamd, type SpamOpinion } from './rspamd'

/** A scanner behind its breaker. null: not set up; 'down': no answer. */
export interface Scanners {
  spam(message: Inspected): Promise<SpamOpinion | 'down' | null>
  virus(message: Inspected): Promise<VirusOpinion | 'down' | null>
  readonly spamWhenDown: WhenDown
  readonly virusWhenDown: WhenDown
  close(): void
}

export interface ScannerSettings {
  rspamd: { url: string; whenDown: WhenDown } | null
  clamd: (ClamdAddress & { whenDown: WhenDown }) | null
  /** For tests: other limits than those of rspamd.ts and clamd.ts */
  timeoutMs?: number
}

export function createScanners(settings: ScannerSettings, log: Log, now: () => number): Scanners {
  const { rspamd, clamd, timeoutMs } = settings
  const breakerOf = (scanner: string) =>
    createBreaker({ now, onFailure: (error) => log.warn('scanner failed', { scanner, code: codeOf(error) }) })
  const spam = rspamd ? { scanner: createRspamd(rspamd.url, timeoutMs), breaker: breakerOf('rspamd') } : null
  const virus = clamd ? { scanner: createClamd(clamd, timeoutMs), breaker: breakerOf('clamd') } : null
  return {
    spamWhenDown: rspamd?.whenDown ?? 'accept',
    virusWhenDown: clamd?.whenDown ?? 'defer',
    async spam({ message, peer, sender, recipients, traceId }) {
      if (!spam) return null
      const question = {
        message,
        address: peer.address,
        helo: peer.helo,
        sender,
        recipients: recipients.map(({ address }) => address),
        id: traceId,
      }
      return (await spam.breaker.run(() => spam.scanner.ask(question))) ?? 'down'
    },
    async virus({ message }) {
      if (!virus) return null
      return (await virus.breaker.run(() => virus.scanner.ask(message))) ?? 'down'
    },
    close: () => spam?.scanner.close(),
  }
}
