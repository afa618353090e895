import { alignedOf, type SeenGroup } from './aggregate'
import type { DmarcPolicy } from './policy-record'

export interface DmarcDocument {
  /** Who reports: our name */
  organisation: string
  contact: string
  reportId: string
  beginAt: Date
  endAt: Date
  policyDomain: string
  policy: DmarcPolicy
  groups: readonly SeenGroup[]
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text as XML 1.0 may hold it: markup escaped, and what is no character of XML left out. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? '')

const el = (name: string, text: string | number): string => `<${name}>${escapeXml(String(text))}</${name}>`
const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

/** An aggregate report by RFC 7489 appendix C. */
export function writeDmarcReport(document: DmarcDocument): string {
  const { policy } = document
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feedback>',
    el('version', '1.0'),
    '<report_metadata>',
    el('org_name', document.organisation),
    el('email', document.contact),
    el('report_id', document.reportId),
    `<date_range>${el('begin', seconds(document.beginAt))}${el('end', seconds(document.endAt))}</date_range>`,
    '</report_metadata>',
    '<policy_published>',
    el('domain', document.policyDomain),
    el('adkim', policy.adkim),
    el('aspf', policy.aspf),
    el('p', policy.p),
    el('sp', policy.sp),
    el('pct', policy.pct),
    '</policy_published>',
    ...document.groups.map((group) => writeRecord(group, document)),
    '</feedback>',
    '',
  ].join('\n')
}

function writeRecord(group: SeenGroup, { policy, policyDomain }: DmarcDocument): string {
  const { dkim, spf } = alignedOf(group, policy, policyDomain)
  const signatures = group.signatures.map(
    ({ domain, result }) => `<dkim>${el('domain', domain)}${el('result', result)}</dkim>`,
  )
  // The schema asks for one SPF result at least.
  const sender = group.sender ?? { domain: group.headerFrom, result: 'none' }
  return [
    `<record><row>${el('source_ip', group.source)}${el('count', group.messages)}`,
    `<policy_evaluated>${el('disposition', group.disposition)}${el('dkim', dkim)}${el('spf', spf)}</policy_evaluated></row>`,
    `<identifiers>${el('header_from', group.headerFrom)}</identifiers>`,
    `<auth_results>${signatures.join('')}<spf>${el('domain', sender.domain || group.headerFrom)}${el('result', sender.result)}</spf></auth_results></record>`,
  ].join('')
}
