import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { normaliseAddress } from '#mailcore/api'

/** A name of a person, tenant, reseller or device as it is kept: trimmed, single spaces, no control characters, bounded. */
export function nameOf(text: string, field: string, most: number = LIMITS.nameBytes): string {
  const name = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  if (name === '') throw new Fault('BAD_REQUEST', 'Give a name.', { field })
  if (Buffer.byteLength(name) > most)
    throw new Fault('BAD_REQUEST', `This name is too long: at most ${most} bytes.`, { field })
  return name
}

/** An address in normal form, in two parts. Throws BAD_REQUEST naming the field. */
export function addressOf(text: string, field = 'address'): { address: string; local: string; domain: string } {
  const address = normaliseAddress(text.trim())
  if (address === null) throw new Fault('BAD_REQUEST', 'This is not a valid e-mail address.', { field })
  const at = address.lastIndexOf('@')
  return { address, local: address.slice(0, at), domain: address.slice(at + 1) }
}

/** A domain name as lower-case A-labels. Throws BAD_REQUEST. */
export function domainOf(text: string, field = 'name'): string {
  const address = normaliseAddress(`x@${text.trim().replace(/\.$/, '')}`)
  if (address === null) throw new Fault('BAD_REQUEST', 'This is not a valid domain name.', { field })
  return address.slice(2)
}

/** A whole number within bounds. Throws BAD_REQUEST naming the field. */
export function countOf(value: number, field: string, bounds: { least: number; most: number }): number {
  if (!Number.isInteger(value) || value < bounds.least || value > bounds.most)
    throw new Fault('BAD_REQUEST', `Give a whole number from ${bounds.least} to ${bounds.most}.`, { field })
  return value
}

/** Most storage that can be given to anyone: a pebibyte is beyond any server of ours, and its sums stay exact numbers. */
const STORAGE_MOST_BYTES = 2 ** 50

/** A number of bytes of storage. Throws BAD_REQUEST naming the field. */
export const storageOf = (value: number, field: string): number =>
  countOf(value, field, { least: 0, most: STORAGE_MOST_BYTES })

const GIGABYTE = 1024 ** 3

/** Bytes as people are told them: gigabytes, two decimals at most. */
export const gigabytes = (bytes: number): string => `${Math.round((bytes / GIGABYTE) * 100) / 100} GB`

/** The number a command line option holds; undefined where it was not given. Throws BAD_REQUEST naming the field. */
export function wholeNumber(text: string | undefined, field: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,12}$/.test(text)) throw new Fault('BAD_REQUEST', `--${field} takes a whole number.`, { field })
  return Number(text)
}

/** Bytes of an option that holds whole gigabytes; undefined where it was not given. */
export function gigabytesGiven(text: string | undefined, field: string): number | undefined {
  const number = wholeNumber(text, field)
  return number === undefined ? undefined : number * GIGABYTE
}
