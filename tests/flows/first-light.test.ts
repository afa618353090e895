import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dumpDatabases, formsOf, grepHome } from '#tests/helpers/dump'
import { type Instance, type Login, startInstance, until } from '#tests/helpers/instance'
import { arrives, handIn, openImap, readFolder, submit, withImap } from '#tests/helpers/mail-client'
import { type MailSink, startSink } from '#tests/helpers/mail-sink'
import { webSession } from '#tests/helpers/web-client'

/** Words that went in and must not be found again outside what is sealed. Pure letters: no encoding of mail changes them. */
const CANARY = {
  subject: 'zirkonsubjektwort',
  body: 'quarzkoerperwort',
  person: 'Wilhelmine Kanarienvogel',
  password: 'amethyst-Losung-4711-geheim',
  folder: 'Opalordnername',
}

// Room for a machine whose other core runs another instance; nothing here is judged by its speed.
vi.setConfig({ testTimeout: 90_000 })

let sink: MailSink
let instance: Instance
let out: string
const [bruno, chioma, dana, zelda] = [0, 1, 2, 3].map(() => ({ email: '', password: '' })) as [
  Login,
  Login,
  Login,
  Login,
]
let tenant = ''

const ran = async (args: string[], input?: string) => {
  const { code, json, stderr } = await instance.cli(args, input)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return json
}
const letter = (from: string, to: string, subject: string, text: string): string =>
  `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nDate: Mon, 05 Oct 2026 10:00:00 +0200\r\nMessage-ID: <${subject}@stranger.example>\r\n\r\n${text}\r\n`
const waiting = async () => ((await ran(['status'])) as { queue: number }).queue

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'mt-out-'))
  sink = await startSink()
  instance = await startInstance({ seedDemo: true, env: { MAILTIGHT_ROUTES: `remote.example=127.0.0.1:${sink.port}` } })
  const { subscribers } = instance.demo()
  for (const [index, one] of [bruno, chioma, dana].entries()) Object.assign(one, subscribers[index])
  const tenants = (await ran(['tenant', 'list'])) as { id: string; name: string }[]
  tenant = tenants.find(({ name }) => name === 'Fernhill School')?.id ?? ''
  Object.assign(zelda, { email: 'zelda@fernhill.example', password: CANARY.password })
  await ran(
    ['account', 'create', zelda.email, '--tenant', tenant, '--name', CANARY.person, '--password-stdin'],
    `${zelda.password}\n`,
  )
}, 200_000)
afterAll(async () => {
  await instance?.stop()
  await sink?.close()
  rmSync(out, { recursive: true, force: true })
}, 90_000)

describe('mail in', () => {
  it('brings a stranger’s message into IMAP and the web, its bytes as they were', async () => {
    const raw = letter(
      'Ida <ida@stranger.example>',
      zelda.email,
      CANARY.subject,
      `.dot first\r\n${CANARY.body} ${'x'.repeat(200)}`,
    )
    const reply = await handIn(instance.ports.mx, { from: 'ida@stranger.example', to: zelda.email, raw })
    expect(reply.code).toBe(250)
    const { uid, raw: kept } = await arrives(instance, zelda, CANARY.subject)
    const text = kept.toString('latin1')
    expect(text.slice(-raw.length)).toBe(raw)
    expect(text.slice(0, -raw.length)).toMatch(
      /^Return-Path: <ida@stranger\.example>\r\nAuthentication-Results: localhost;[\s\S]*?\r\nReceived: from stranger\.example \(\[127\.0\.0\.1\]\)\r\n\tby localhost with ESMTP id [^\r]+;\r\n\t[^\r]+\r\n$/,
    )
    const web = webSession(instance.ports.https)
    expect(await web.signIn(zelda)).toBeNull()
    const page = await web.query<{ items: { uid: number; subject: string }[] }>('dashboard.mail.list', {
      folder: 'INBOX',
    })
    expect(page.items).toEqual([expect.objectContaining({ uid, subject: CANARY.subject })])
    const read = await web.query<{ text: string }>('dashboard.mail.read', { folder: 'INBOX', uid })
    expect(read.text).toContain(CANARY.body)
  })

  it('refuses strangers’ addresses and relaying', async () => {
    const to = async (address: string) =>
      (await handIn(instance.ports.mx, { from: 'ida@stranger.example', to: address, raw: 'x: y\r\n\r\n' })).code
    expect(await to('nobody@fernhill.example')).toBe(550)
    expect(await to('someone@remote.example')).toBe(550)
  })
})

describe('mail out', () => {
  it('delivers inside, to another region, and tells nothing of the sender’s device (V-01)', async () => {
    const traces = 'User-Agent: canary-agent/7\r\nX-Mailer: canary-mailer\r\nX-Originating-IP: [127.0.0.77]\r\n'
    await submit(instance, bruno, {
      to: dana.email,
      raw: traces + letter(bruno.email, dana.email, 'inside-letter', 'Hello.'),
      localAddress: '127.0.0.77',
      name: 'canary-host.example',
    })
    const { raw } = await arrives(instance, dana, 'inside-letter')
    expect(raw.toString()).not.toMatch(/127\.0\.0\.77|canary|\+0200/i)
    expect(raw.toString()).toMatch(/^Received: by localhost with ESMTPSA id /m)
    expect(await waiting()).toBe(0)
  })

  it('takes no message under another’s address, nor without the password', async () => {
    const forged = { to: dana.email, raw: letter(dana.email, dana.email, 'forged', 'x') }
    await expect(submit(instance, { ...bruno, password: 'not the password' }, forged)).rejects.toMatchObject({
      responseCode: 535,
    })
    await expect(submit(instance, bruno, forged)).rejects.toMatchObject({ responseCode: 553 })
  })

  it('queues for another host and delivers there', async () => {
    const raw = letter(bruno.email, 'ok@remote.example', 'remote-letter', 'Hello.')
    await submit(instance, bruno, {
      to: 'ok@remote.example',
      raw,
      localAddress: '127.0.0.77',
      name: 'canary-host.example',
    })
    const taken = await until('message at the sink', () => sink.taken.find(({ to }) => to === 'ok@remote.example'))
    expect(taken.raw.toString()).not.toMatch(/127\.0\.0\.77|canary/)
    expect(taken.helo).toBe('localhost')
    await until('empty queue', async () => (await waiting()) === 0 || undefined)
  })

  it('tries again after 4xx, once it is time', async () => {
    await submit(instance, bruno, {
      to: 'later@remote.example',
      raw: letter(bruno.email, 'later@remote.example', 'later-letter', 'x'),
    })
    const sql = instance.superuser('main', 'mt_mail_eu')
    try {
      await until(
        'put-off recipient',
        async () => (await sql`select 1 from outbound_recipient where last_code = 451`)[0],
      )
      expect(await waiting()).toBe(1)
      await sql`update outbound_recipient set due_at = now()`
      await sql`select pg_notify('outbound', '')`
    } finally {
      await sql.end()
    }
    await until('message at the sink', () => sink.taken.find(({ to }) => to === 'later@remote.example'))
    await until('empty queue', async () => (await waiting()) === 0 || undefined)
    expect(sink.offered.get('later@remote.example')).toBe(2)
  })

  it('tells the sender once of 5xx', async () => {
    await submit(instance, bruno, {
      to: 'never@remote.example',
      raw: letter(bruno.email, 'never@remote.example', 'never-letter', 'x'),
    })
    const { raw } = await arrives(instance, bruno, 'never-letter')
    expect(raw.toString()).toMatch(/^Return-Path: <>/)
    expect(raw.toString()).toMatch(/multipart\/report/)
    expect(raw.toString()).toMatch(/Final-Recipient: rfc822; never@remote\.example/i)
    expect(raw.toString()).toMatch(/Status: 5\.1\.1/)
    await until('empty queue', async () => (await waiting()) === 0 || undefined)
    const all = await withImap(instance, bruno, (client) => readFolder(client))
    expect(all.filter(({ raw: one }) => one.includes('never-letter'))).toHaveLength(1)
  })
})

describe('suspend and resume', () => {
  const mail = (subject: string) =>
    handIn(instance.ports.mx, {
      from: 'ida@stranger.example',
      to: chioma.email,
      raw: letter('ida@stranger.example', chioma.email, subject, 'x'),
    })

  it('closes every door, cuts what is open, and puts mail off', async () => {
    const open = await openImap(instance, chioma)
    const closed = new Promise<boolean>((done) => open.once('close', () => done(true)))
    const web = webSession(instance.ports.https)
    expect(await web.signIn(chioma)).toBeNull()
    await ran(['account', 'suspend', chioma.email, '--reason', 'Unpaid invoice of October'])
    expect(await until('end of the open session', () => closed, 10_000)).toBe(true)
    await expect(openImap(instance, chioma)).rejects.toThrow()
    await expect(
      submit(instance, chioma, { to: dana.email, raw: letter(chioma.email, dana.email, 'x', 'x') }),
    ).rejects.toThrow()
    expect(await webSession(instance.ports.https).signIn(chioma)).not.toBeNull()
    await expect(web.query('dashboard.mail.list', { folder: 'INBOX' })).rejects.toThrow(/40[13]/)
    await until('450 at the door', async () => (await mail('while-suspended')).code === 450 || undefined)
  })

  it('opens them again with nothing lost, and the owner reads who did it and why', async () => {
    await ran(['account', 'resume', chioma.email, '--reason', 'Invoice was paid'])
    const web = webSession(instance.ports.https)
    expect(await until('sign-in', async () => (await web.signIn(chioma)) === null || undefined)).toBe(true)
    await until('250 at the door', async () => (await mail('after-resume')).code === 250 || undefined)
    await arrives(instance, chioma, 'after-resume')
    const all = await withImap(instance, chioma, (client) => readFolder(client))
    expect(all.filter(({ raw }) => raw.includes('while-suspended'))).toHaveLength(0)
    expect(all.length).toBeGreaterThan(10) // the ten letters of the demo and this one
    await submit(instance, chioma, { to: dana.email, raw: letter(chioma.email, dana.email, 'resumed-out', 'x') })
    await arrives(instance, dana, 'resumed-out')
    const ledger = JSON.stringify(await web.query('dashboard.audit.list', {}))
    expect(ledger).toContain('account.suspend')
    expect(ledger).toContain('Unpaid invoice of October')
  })
})

describe('what is kept', () => {
  it('holds no canary in any database, file or log, in any form (C-01)', async () => {
    await withImap(instance, zelda, async (client) => {
      await client.mailboxCreate(CANARY.folder)
      await client.append('Drafts', letter(zelda.email, dana.email, CANARY.subject, CANARY.body))
    })
    await submit(instance, zelda, {
      to: 'ok@remote.example',
      raw: letter(zelda.email, 'ok@remote.example', CANARY.subject, CANARY.body),
    })
    await until('empty queue', async () => (await waiting()) === 0 || undefined)
    const words = [...Object.values(CANARY), ...CANARY.person.split(' ')]
    const needles = [...new Set(words.flatMap(formsOf))]
    const dump = await dumpDatabases(instance)
    expect(dump).toContain('fernhill.example') // the dump does show what is not sealed
    expect(needles.filter((needle) => dump.includes(needle))).toEqual([])
    expect((await grepHome(instance, ['outbound_recipient'])).some((file) => file.includes('/postgres/main/'))).toBe(
      true,
    )
    expect(await grepHome(instance, needles)).toEqual([])
  })

  it('leaves in full as mbox', async () => {
    const result = (await ran(['export', zelda.email, '--format', 'mbox', '--out', out])) as {
      folders: { path: string; file: string; messages: number }[]
    }
    const inbox = result.folders.find(({ path }) => path === 'INBOX')
    expect(inbox?.messages).toBe(1)
    expect(readFileSync(inbox?.file ?? '', 'utf8')).toContain(CANARY.body)
    expect(result.folders.map(({ path }) => path)).toContain(CANARY.folder)
  })

  it('is destroyed when an account ends, and its address is not given again', async () => {
    const receiptFile = join(out, 'receipt.json')
    const end = (await ran([
      'account',
      'terminate',
      zelda.email,
      '--reason',
      'Asked to leave',
      '--now',
      '--receipt',
      receiptFile,
    ])) as { id: string }
    expect(JSON.parse(readFileSync(receiptFile, 'utf8'))).toMatchObject({
      accountId: end.id,
      keyRowsDestroyed: expect.any(Number),
    })
    const mail = instance.superuser('main', 'mt_mail_eu')
    const keys = instance.superuser('keys', 'mt_keys')
    try {
      for (const table of ['mailbox', 'folder', 'body']) {
        expect(await mail`select count(*)::int n from ${mail(table)} where account_id = ${end.id}`).toEqual([{ n: 0 }])
      }
      expect(await keys`select count(*)::int n from wrapped_key where scope_id = ${end.id}`).toEqual([{ n: 0 }])
    } finally {
      await Promise.all([mail.end(), keys.end()])
    }
    await expect(openImap(instance, zelda)).rejects.toThrow()
    const again = () => handIn(instance.ports.mx, { from: 'a@stranger.example', to: zelda.email, raw: 'x: y\r\n\r\n' })
    await until('550 at the door', async () => (await again()).code === 550 || undefined)
    const made = await instance.cli(
      ['account', 'create', zelda.email, '--tenant', tenant, '--password-stdin'],
      `${zelda.password}\n`,
    )
    expect(made.code).toBe(1)
    expect(made.stderr.trim().split('\n')).toHaveLength(1)
    expect((await withImap(instance, bruno, (client) => readFolder(client))).length).toBeGreaterThan(10)
  })
})

describe('the command line', () => {
  it('holds the cap on seats under twenty creations at once', async () => {
    const { id: reseller } = (await ran(['reseller', 'create', '--name', 'Caps'])) as { id: string }
    const { id } = (await ran([
      'tenant',
      'create',
      '--reseller',
      reseller,
      '--name',
      'Small',
      '--region',
      'ca',
      '--seats',
      '5',
    ])) as { id: string }
    await ran(['domain', 'add', '--tenant', id, '--name', 'small.example', '--verified'])
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        instance.cli(
          ['account', 'create', `p${n}@small.example`, '--tenant', id, '--password-stdin'],
          `${CANARY.password}-${n}\n`,
        ),
      ),
    )
    expect(made.filter(({ code }) => code === 0)).toHaveLength(5)
    for (const { code, json } of made) if (code === 0) expect(json).toEqual({ id: expect.any(String) })
    expect(await ran(['account', 'list', '--tenant', id])).toHaveLength(5)
  }, 120_000)

  it('answers in the shapes that scripts rely on, and fsck finds nothing', async () => {
    const status = (await ran(['status'])) as Record<string, unknown>
    expect(status).toMatchObject({
      supervisor: { pid: instance.supervisorPid },
      queue: 0,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
    const names = ['mx', 'submission', 'imap', 'deliver', 'worker', 'web']
    expect(status.roles).toEqual(
      names.map((role) => expect.objectContaining({ role, pid: expect.any(Number), state: 'ready' })),
    )
    expect(status.postgres).toEqual([1, 2].map(() => expect.objectContaining({ pid: expect.any(Number) })))
    expect(status.regions).toEqual([{ id: 'eu' }, { id: 'ca' }])
    const promises = (await ran(['promises'])) as Record<string, unknown>[]
    expect(promises.length).toBeGreaterThan(0)
    for (const one of promises) {
      expect(Object.keys(one).sort()).toEqual(['checkedAt', 'evidence', 'id', 'state'])
      expect(['kept', 'failing', 'not built']).toContain(one.state)
    }
    expect(promises.filter(({ state }) => state === 'failing')).toEqual([])
    expect(await ran(['fsck'])).toMatchObject({ ok: true, problems: [] })
    expect(existsSync(join(instance.home, 'demo.json'))).toBe(true)
  }, 60_000)
})
