import { type Field, fieldValue, type Header } from '#mailcore/proto/header'
import type { Authentication } from './authenticate'

/** RFC 2045 5.1 token, less what has a meaning in the field; what is none is left out rather than quoted: it comes from strangers. */
const TOKEN = /^[A-Za-z0-9._+/-]{1,253}$/

const property = (name: string, value: string): string => (TOKEN.test(value) ? ` ${name}=${value}` : '')

/** Our Authentication-Results field (RFC 8601), folded, with CRLF. Domains and selectors only: no address of a person, none of a host. */
export function authenticationResults(hostname: string, found: Authentication): string {
  const { spf, dkim, arc, dmarc } = found
  const parts = [`spf=${spf.result}${property(spf.helo ? 'smtp.helo' : 'smtp.mailfrom', spf.domain)}`]
  if (dkim.length === 0) parts.push('dkim=none')
  for (const one of dkim)
    parts.push(
      `dkim=${one.result}${property('header.d', one.domain)}${property('header.s', one.selector)}${property('header.b', one.signature)}`,
    )
  if (arc.result !== 'none') parts.push(`arc=${arc.result}`)
  const asked = dmarc.result === 'fail' ? property('policy.dmarc', dmarc.policy) : ''
  parts.push(`dmarc=${dmarc.result}${property('header.from', dmarc.domain)}${asked}`)
  return `Authentication-Results: ${[hostname, ...parts].join(';\r\n\t')}\r\n`
}

/** Fields that say what we found about spam; a stranger's would pass for ours. */
const OURS = new Set(['x-spam-status', 'x-spam-flag', 'x-spam-score'])

/**
 * The message without fields that claim to be ours (RFC 8601 section 5); the very same buffer where there are none. ARC-Authentication-Results in our
 * name stay where the chain that holds them has passed: without them it would break, and they are the word of who sealed them.
 */
export function withoutForged(message: Buffer, header: Header, hostname: string, arcPassed: boolean): Buffer {
  const forged = header.fields.filter((field) => isForged(header, field, hostname.toLowerCase(), arcPassed))
  if (forged.length === 0) return message
  const kept: Buffer[] = []
  let at = 0
  for (const { start, end } of forged) {
    kept.push(message.subarray(at, start))
    at = end
  }
  kept.push(message.subarray(at))
  return Buffer.concat(kept)
}

function isForged(header: Header, field: Field, hostname: string, arcPassed: boolean): boolean {
  if (OURS.has(field.name)) return true
  if (field.name === 'authentication-results') return authservId(fieldValue(header, field)) === hostname
  if (field.name !== 'arc-authentication-results' || arcPassed) return false
  const value = withoutComments(fieldValue(header, field))
  return authservId(value.slice(value.indexOf(';') + 1)) === hostname
}

/** The authserv-id at the front of a field's value, lower case and without a final dot, as the most lenient reader would take it. */
function authservId(value: string): string {
  const text = withoutComments(value).trim()
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replace(/\\(.)/g, '$1')
  const id = quoted ?? /^[^\s;/]*/.exec(text)?.[0] ?? ''
  return id.trim().toLowerCase().replace(/\.$/, '')
}

/** A value without its comments, nested ones too (RFC 5322 3.2.2). Linear. */
function withoutComments(value: string): string {
  let out = ''
  let depth = 0
  let inQuotes = false
  for (let i = 0; i < value.length; i++) {
    const c = value[i] ?? ''
    if (c === '\\') {
      if (depth === 0) out += c + (value[i + 1] ?? '')
      i++
    } else if (c === '"' && depth === 0) {
      inQuotes = !inQuotes
      out += c
    } else if (c === '(' && !inQuotes) depth++
    else if (c === ')' && depth > 0) depth--
    else if (depth === 0) out += c
  }
  return out
}
