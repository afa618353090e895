import { sealMessage } from 'mailauth'
import { describe, expect, it } from 'vitest'
import type { TraceId } from '#lib/ids'
import { INITIAL_MAIL_POLICY } from '#lib/mail-policy'
import { fakeDns, fakeKey, fakeRules, inspected, mailFrom, OTHER_TENANT, recipientOf, setUp, TENANT } from './testing'

const SPF_PASS = { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] }
const dmarc = (record: string) => ({ TXT: [`v=DMARC1; ${record}`] })
const resultOf = (verdict: { findings: readonly { check: string; result: string }[] }, check: string) =>
  verdict.findings.filter((one) => one.check === check).map((one) => one.result)
const LOW = '01890000-0000-7000-8000-000000000000' as TraceId
const HIGH = '01890000-0000-7000-8000-000000000063' as TraceId

describe('what is written about a message', () => {
  it('is one folded field with our name, of domains and results, and no address', async () => {
    const { ask } = fakeDns({ 'sender.test': SPF_PASS, '_dmarc.sender.test': dmarc('p=reject') })
    const verdict = await setUp({ ask }).inspect(inspected(mailFrom('Bob <bob@sender.test>')))
    expect(verdict).toMatchObject({ action: 'accept', into: new Map() })
    expect(verdict.fields).toBe(
      'Authentication-Results: mx.test;\r\n\tspf=pass smtp.mailfrom=sender.test;\r\n\tdkim=none;\r\n\tdmarc=pass header.from=sender.test\r\n',
    )
    expect(JSON.stringify(verdict.findings)).not.toContain('bob@')
  })

  it('takes no syntax from strangers', async () => {
    const message = mailFrom(
      'x@sender.test',
      'DKIM-Signature: v=1; a=rsa-sha256; d=a.test;dmarc=pass; s=x y; h=from; bh=a; b=b\r\n',
    )
    const verdict = await setUp().inspect(
      inspected(message, { sender: '', peer: { address: '192.0.2.1', helo: 'a;dkim=pass', tls: false } }),
    )
    expect(verdict.fields).toMatch(/^Authentication-Results: mx\.test;\r\n\tspf=\w+;\r\n\tdkim=/)
    expect(verdict.fields.match(/pass/g)).toBeNull()
  })
})

describe('fields that claim to be ours', () => {
  const forged = [
    'Authentication-Results: mx.test; spf=pass\r\n',
    'AUTHENTICATION-RESULTS : MX.TEST.; spf=pass\r\n',
    'Authentication-Results: (a (nested) comment) "mx.test" 1;\r\n spf=pass\r\n',
    'Authentication-Results:\r\n mx.test;\r\n dkim=pass header.d=x\r\n',
    'Authentication-Results: "mx\\.test"; dkim=pass\r\n',
    'ARC-Authentication-Results: i=1; mx.test; dmarc=pass\r\n',
    'X-Spam-Status: No, score=-100\r\n',
  ]
  for (const field of forged)
    it(`lose ${JSON.stringify(field.slice(0, 60))}`, async () => {
      const [plain, with_] = [mailFrom('x@sender.test'), mailFrom('x@sender.test', field)]
      expect((await setUp().inspect(inspected(with_))).message.equals(plain)).toBe(true)
    })

  it("leave others' alone, and an untouched message is the very same buffer", async () => {
    const kept =
      'Authentication-Results: mx.test.other.example; spf=pass\r\nAuthentication-Results: other (mx.test); spf=pass\r\n'
    const message = mailFrom('x@sender.test', kept)
    expect((await setUp().inspect(inspected(message))).message).toBe(message)
  })
})

describe('DMARC', () => {
  const zone = {
    'sender.test': SPF_PASS,
    '_dmarc.bank.test': dmarc('p=reject; sp=quarantine'),
    '_dmarc.half.test': dmarc('p=reject; pct=50'),
    '_dmarc.soft.test': dmarc('p=quarantine'),
    '_dmarc.mild.test': dmarc('p=none'),
    '_dmarc.broken.test': 'fails' as const,
  }
  const spoof = (author: string, more = {}) => inspected(mailFrom(author), more)
  const checks = (rules = fakeRules()) => setUp({ rules, ask: fakeDns(zone).ask })

  it('p=reject is refused, p=quarantine goes to Junk or quarantine as the tenant wants, p=none stays', async () => {
    expect(await checks().inspect(spoof('ceo@bank.test'))).toMatchObject({
      action: 'refuse',
      reply: { code: 550, enhanced: '5.7.1' },
    })
    const rules = fakeRules()
    const one = spoof('x@soft.test')
    expect([...(await checks(rules).inspect(one)).into.values()]).toEqual([{ folder: 'junk' }])
    rules.policies.set(TENANT, { ...INITIAL_MAIL_POLICY, spam: 'quarantine' })
    expect([...(await checks(rules).inspect(one)).into.values()]).toEqual([{ folder: 'quarantine', cause: 'dmarc' }])
    expect(await checks().inspect(spoof('x@mild.test'))).toMatchObject({ action: 'accept', into: new Map() })
  })

  it('a subdomain has sp, a share is drawn by lot, and an outage of the DNS lets in', async () => {
    const below = await checks().inspect(spoof('x@mail.bank.test'))
    expect([...below.into.values()]).toEqual([{ folder: 'junk' }])
    expect((await checks().inspect(spoof('x@half.test', { traceId: LOW }))).action).toBe('refuse')
    expect((await checks().inspect(spoof('x@half.test', { traceId: HIGH }))).action).toBe('accept')
    const away = await checks().inspect(spoof('x@broken.test'))
    expect([away.action, resultOf(away, 'dmarc')]).toEqual(['accept', ['temperror']])
  })

  it('is only noted where the tenant says so; where one of two obeys, its copy waits in quarantine', async () => {
    const rules = fakeRules()
    rules.policies.set(OTHER_TENANT, { ...INITIAL_MAIL_POLICY, dmarc: 'note' })
    const [ours, theirs] = [recipientOf('a@here.test'), recipientOf('b@there.test', OTHER_TENANT)]
    const noted = await checks(rules).inspect(spoof('ceo@bank.test', { recipients: [theirs] }))
    expect(noted).toMatchObject({ action: 'accept', into: new Map() })
    expect(resultOf(noted, 'dmarc')).toEqual(['fail'])
    const both = await checks(rules).inspect(spoof('ceo@bank.test', { recipients: [ours, theirs] }))
    expect(both.action).toBe('accept')
    expect([...both.into]).toEqual([[ours.account, { folder: 'quarantine', cause: 'dmarc' }]])
  })

  it('has no author where From is missing or names several domains; several fields go to Junk', async () => {
    const none = Buffer.from('Subject: x\r\n\r\nx\r\n')
    const seen = []
    for (const message of [
      none,
      mailFrom('a@bank.test, b@sender.test'),
      mailFrom('a@sender.test', 'From: b@bank.test\r\n'),
    ]) {
      const verdict = await checks().inspect(inspected(message))
      seen.push([verdict.action, resultOf(verdict, 'dmarc')[0], [...verdict.into.values()][0]?.folder])
    }
    expect(seen).toEqual([
      ['accept', 'permerror', undefined],
      ['accept', 'permerror', undefined],
      ['accept', 'permerror', 'junk'],
    ])
  })

  it('gives way to an ARC chain of a sealer whom the tenant lets in, and of nobody else', async () => {
    const key = fakeKey(2048)
    const plain = mailFrom('ceo@bank.test')
    const seal = {
      signingDomain: 'list.test',
      selector: 's',
      privateKey: key.privateKey,
      algorithm: 'rsa-sha256',
      authResults: 'list.test; dmarc=pass',
      cv: 'none',
    }
    const sealed = Buffer.concat([await sealMessage(plain, seal), plain])
    const rules = fakeRules()
    const { ask } = fakeDns({ ...zone, 's._domainkey.list.test': { TXT: [key.record] } })
    const one = inspected(sealed)
    const refused = await setUp({ rules, ask }).inspect(one)
    expect([refused.action, resultOf(refused, 'arc')]).toEqual(['refuse', ['pass']])
    rules.hits.push({
      tenantId: TENANT,
      accountId: null,
      level: 1,
      action: 'allow',
      trait: 0,
      address: 'postmaster@list.test',
    })
    expect((await setUp({ rules, ask }).inspect(one)).action).toBe('accept')
    const changed = Buffer.from(sealed.toString('latin1').replace('Hello', 'Hullo'), 'latin1')
    const broken = await setUp({ rules, ask }).inspect(inspected(changed))
    expect([broken.action, resultOf(broken, 'arc')]).toEqual(['refuse', ['fail']])
  })
})

describe('rules', () => {
  const hit = (level: 0 | 1 | 2 | 3, action: 'allow' | 'block', address = 'bob@sender.test') => ({
    tenantId: TENANT,
    accountId: null,
    level,
    action,
    trait: 0,
    address,
  })
  const { peer, sender } = inspected(Buffer.alloc(0))

  it('the nearest level wins, and there a block beats an allow; an address of From counts like the envelope', async () => {
    const rules = fakeRules()
    const to = recipientOf('ann@here.test')
    const at = async (...hits: ReturnType<typeof hit>[]) => {
      rules.hits = hits
      return (await setUp({ rules }).recipient(peer, sender, to)).kind
    }
    expect(await at()).toBe('accept')
    expect(await at(hit(3, 'block'))).toBe('blocked')
    expect(await at(hit(3, 'block'), hit(1, 'allow'))).toBe('accept')
    expect(await at(hit(1, 'block'), hit(1, 'allow', '192.0.2.1'))).toBe('blocked')
    rules.hits = [{ ...hit(0, 'block', 'author@elsewhere.test'), accountId: to.account }]
    const verdict = await setUp({ rules }).inspect(inspected(mailFrom('author@elsewhere.test'), { recipients: [to] }))
    expect(verdict).toMatchObject({ action: 'refuse', reply: { code: 550 } })
  })

  it('of a group, whoever blocks finds the message in quarantine', async () => {
    const rules = fakeRules()
    const [ann, bob] = [recipientOf('all@here.test'), recipientOf('all@here.test')]
    const group = { ...ann, mailboxes: [...ann.mailboxes, ...bob.mailboxes] }
    rules.hits = [{ ...hit(0, 'block'), accountId: bob.account }]
    expect(await setUp({ rules }).recipient(peer, sender, group)).toEqual({ kind: 'accept' })
    const verdict = await setUp({ rules }).inspect(inspected(mailFrom('bob@sender.test'), { recipients: [group] }))
    expect([...verdict.into]).toEqual([[bob.account, { folder: 'quarantine', cause: 'rule' }]])
  })

  it('greylisting: always at RCPT, for what looks suspicious after the content, never for whom a rule lets in', async () => {
    const rules = fakeRules()
    rules.greylist.add('ann@here.test')
    const to = recipientOf('ann@here.test')
    rules.policies.set(TENANT, { ...INITIAL_MAIL_POLICY, greylist: 'all' })
    expect(await setUp({ rules }).recipient(peer, sender, to)).toEqual({ kind: 'greylisted' })
    rules.policies.set(TENANT, { ...INITIAL_MAIL_POLICY, greylist: 'suspicious' })
    expect(await setUp({ rules }).recipient(peer, sender, to)).toEqual({ kind: 'accept' })
    const one = inspected(mailFrom('bob@sender.test'), { recipients: [to] })
    expect(await setUp({ rules }).inspect(one)).toMatchObject({
      action: 'defer',
      reply: { code: 451, enhanced: '4.7.1' },
    })
    const proven = fakeDns({ 'sender.test': SPF_PASS }).ask
    expect((await setUp({ rules, ask: proven }).inspect(one)).action).toBe('accept')
    rules.hits = [hit(1, 'allow')]
    expect((await setUp({ rules }).inspect(one)).action).toBe('accept')
  })
})

it('a header of more than a megabyte is refused', async () => {
  const long = mailFrom('x@sender.test', `X-Long: ${'a'.repeat(1024 * 1024)}\r\n`)
  expect(await setUp().inspect(inspected(long))).toMatchObject({ action: 'refuse', reply: { code: 552 } })
})
