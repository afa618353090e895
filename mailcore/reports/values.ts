import { isIP } from '#lib/ip'
import { normaliseDomain } from '#mailcore/proto/address'
import { REPORT_LIMITS } from './limits'

/** Texts of strangers as values of ours; what is no such value becomes the harmless one, never an error. */

/** A count from 0 to a billion: sums of a hundred thousand of them stay exact. */
export function countOf(text: unknown): number {
  const value = Number(text)
  return Number.isFinite(value) && value > 0 ? Math.min(Math.floor(value), 1_000_000_000) : 0
}

/** One line of text without controls. */
export const textOf = (text: unknown): string =>
  typeof text === 'string'
    ? text
        .slice(0, REPORT_LIMITS.textChars)
        .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
        .trim()
    : ''

/** A lower-case word such as `pass` or `sts-policy-invalid`; '' for anything else. */
export function wordOf(text: unknown): string {
  const word = typeof text === 'string' ? text.trim().toLowerCase() : ''
  return /^[a-z][a-z0-9_-]{0,49}$/.test(word) ? word : ''
}

export const domainOf = (text: unknown): string =>
  typeof text === 'string' ? (normaliseDomain(text.trim().replace(/\.$/, '')) ?? '') : ''

export function addressOf(text: unknown): string {
  const address = typeof text === 'string' ? text.trim().toLowerCase() : ''
  return isIP(address) === 0 ? '' : address
}
