import type { ReportsView, SourceView, TlsFailureView } from '#server/services/report/summarise'

export interface Hint {
  tone: 'good' | 'info' | 'warn' | 'bad'
  title: string
  text: string
}

const HINTS_MOST = 12
/** From this many messages on it is worth advising a stricter policy. */
const ENOUGH_MESSAGES = 100
/** A policy may be tightened when hardly anything of one's own fails it. */
const READY_SHARE = 0.98

const count = (n: number, one: string, many: string): string => `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`

/** What the reports about a domain mean for whoever looks after it, in plain words, what matters most first. Pure. */
export function hintsOf(domain: string, view: ReportsView): Hint[] {
  if (view.dmarc.reports + view.tls.reports === 0) return [noReports(domain)]
  const hints = [
    ...view.tls.failures.map((failure) => ofTlsFailure(failure)),
    ...view.dmarc.sources.flatMap((source) => ofSource(domain, view.dmarc.policy, source)),
    ...ofPolicy(domain, view),
  ]
  const rank = { bad: 0, warn: 1, info: 2, good: 3 }
  return hints.sort((a, b) => rank[a.tone] - rank[b.tone]).slice(0, HINTS_MOST)
}

const noReports = (domain: string): Hint => ({
  tone: 'info',
  title: 'No report has come yet',
  text: `Other servers send one a day once the DMARC record of ${domain} asks for it with rua=mailto:dmarc-reports@${domain}. The first takes a day or two.`,
})

function ofSource(domain: string, policy: string | null, source: SourceView): Hint[] {
  const { address, messages, passed } = source
  const failed = count(messages - passed, 'message', 'messages')
  switch (source.kind) {
    case 'service':
      return [
        {
          tone: 'warn',
          title: `${source.service} sends as you from ${address}`,
          text: `${failed} proved to come from ${source.service}, and not from ${domain}. If you use it, have it sign with your domain (its settings call this custom DKIM or domain authentication). If you do not, it is misusing your name.`,
        },
      ]
    case 'stranger':
      return [
        {
          tone: policy === 'reject' ? 'info' : 'warn',
          title: `A server you did not list sends as you: ${address}`,
          text: `${failed} with your domain as author proved nothing. ${whatBecame(policy, source)}`,
        },
      ]
    case 'unsigned':
      return [
        {
          tone: 'info',
          title: `${address} is allowed to send for you, and does not sign`,
          text: `It passes by SPF alone (${count(messages, 'message', 'messages')}), which ends where mail is forwarded. Turn DKIM on there.`,
        },
      ]
    case 'forwarded':
    case 'yours':
      return []
  }
}

function whatBecame(policy: string | null, { rejected, quarantined, messages, passed }: SourceView): string {
  if (rejected + quarantined >= messages - passed) return 'It was kept out, as your policy asks.'
  if (policy === 'none')
    return 'Your policy (p=none) lets it through. Once everything of yours passes, p=quarantine keeps it from inboxes.'
  return 'Some of it was let through by its receivers. If a server of yours is behind it, add it to your SPF record and sign there.'
}

function ofPolicy(domain: string, { dmarc }: ReportsView): Hint[] {
  if (dmarc.messages === 0) return []
  const own = dmarc.sources.filter(({ kind }) => kind === 'yours' || kind === 'forwarded' || kind === 'unsigned')
  const messages = own.reduce((sum, one) => sum + one.messages, 0)
  const share = messages === 0 ? 0 : own.reduce((sum, one) => sum + one.passed, 0) / messages
  const unset = dmarc.sources.some(({ kind }) => kind === 'service')
  if (share < READY_SHARE || messages < ENOUGH_MESSAGES || unset) return []
  if (dmarc.policy === 'reject')
    return [
      {
        tone: 'good',
        title: 'Your mail passes, and what is not yours is refused',
        text: `${count(messages, 'message', 'messages')} of yours passed in this time. Nothing to do.`,
      },
    ]
  const next = dmarc.policy === 'quarantine' ? 'reject' : 'quarantine'
  return [
    {
      tone: 'info',
      title: `You can ask for more: p=${next}`,
      text: `What you send passes, so a stricter policy costs you nothing and keeps others from using ${domain}. Change p= in the DMARC record.`,
    },
  ]
}

/** RFC 8460 section 4.3, said to somebody who looks after one domain. */
const TLS_WORDS: Readonly<Record<string, { title: string; text: string }>> = {
  'starttls-not-supported': {
    title: 'A mail server of yours offered no encryption',
    text: 'If the server named is ours, tell us. If it is not, your MX record names a server that should not be there.',
  },
  'certificate-host-mismatch': {
    title: 'A certificate is made out to another name',
    text: 'The MX record must name the server by the name in its certificate.',
  },
  'certificate-expired': {
    title: 'A certificate had expired',
    text: 'Senders that insist on encryption held your mail back until it was renewed.',
  },
  'certificate-not-trusted': {
    title: 'A certificate was not trusted',
    text: 'The server named showed one that no known authority has signed.',
  },
  'sts-policy-fetch-error': {
    title: 'Your MTA-STS policy could not be fetched',
    text: 'The DNS says there is one, and its address did not answer. See the mta-sts record under Domains.',
  },
  'sts-policy-invalid': {
    title: 'Your MTA-STS policy could not be read',
    text: 'If you publish it yourself, let us do it: see Domains.',
  },
  'sts-webpki-invalid': {
    title: 'The certificate of your MTA-STS policy was not accepted',
    text: 'The name mta-sts of your domain must lead to us, or hold a valid certificate where you publish it yourself.',
  },
  'tlsa-invalid': {
    title: 'A DANE record does not fit the certificate',
    text: 'The TLSA record of the server named is out of date: senders that use DANE hold your mail back.',
  },
  'dnssec-invalid': {
    title: 'Signatures in the DNS are broken',
    text: 'Senders that check DNSSEC cannot find your mail server. Whoever runs your DNS must mend it.',
  },
}

function ofTlsFailure({ type, sessions, hosts }: TlsFailureView): Hint {
  const words = TLS_WORDS[type] ?? {
    title: `Encryption failed: ${type}`,
    text: 'The connection could not be made safe for a reason that the report does not explain further.',
  }
  const where = hosts.length > 0 ? `, at ${hosts.slice(0, 3).join(', ')}` : ''
  return {
    tone: type === 'validation-failure' ? 'warn' : 'bad',
    title: words.title,
    text: `${count(sessions, 'connection', 'connections')} failed${where}. ${words.text}`,
  }
}
