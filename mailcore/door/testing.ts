/** For tests of the doors of reading: a client that sends exact bytes, a directory and stores in memory. */
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { Fault } from '#lib/errors'
import { type AccountId, type FolderId, newId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Directory, Folder, FolderView, MailStore, MailStores, SignInResult } from '#mailcore/ports'

export interface TestClient {
  /** Writes bytes (latin1) without waiting. */
  write(data: string | Buffer): void
  /** The next line without CRLF (latin1); null once the connection is closed and all is read. */
  line(): Promise<string | null>
  /** Writes a line and waits for one line. */
  ask(line: string): Promise<string | null>
  /** All up to and including `end`, as bytes; what came so far when the connection closes. */
  until(end: string): Promise<Buffer>
  /** All up to the end of the connection. */
  rest(): Promise<Buffer>
  startTls(): Promise<void>
  /** Says that nothing more comes, and goes on reading. */
  end(): void
  pause(): void
  resume(): void
  close(): void
  /** Cuts the connection below TLS, as a crash would. */
  crash(): void
}

/** Connects, over TLS if asked. */
export async function testClient(port: number, options: { tls?: boolean } = {}): Promise<TestClient> {
  const base = connect({ port, host: '127.0.0.1' })
  base.on('error', () => undefined)
  let socket: Socket = options.tls ? tlsConnect({ socket: base, rejectUnauthorized: false }) : base
  let chunks: Buffer[] = []
  let closed = false
  let wake: () => void = () => undefined
  const listen = () => {
    socket.on('data', (data: Buffer) => {
      chunks.push(data)
      wake()
    })
    for (const event of ['close', 'end', 'error']) {
      socket.on(event, () => {
        closed = true
        wake()
      })
    }
  }
  listen()
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const until = async (end: string): Promise<Buffer> => {
    let searched = 0
    for (;;) {
      if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
      const all = chunks[0] ?? Buffer.alloc(0)
      const at = all.indexOf(end, Math.max(0, searched - end.length), 'latin1')
      if (at >= 0 || closed) {
        const size = at >= 0 ? at + end.length : all.length
        chunks = size < all.length ? [all.subarray(size)] : []
        return all.subarray(0, size)
      }
      searched = all.length
      await more()
    }
  }
  const line = async () => {
    const found = (await until('\r\n')).toString('latin1')
    return found.endsWith('\r\n') ? found.slice(0, -2) : found === '' ? null : found
  }
  const write = (data: string | Buffer) => {
    if (socket.writable) socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }
  return {
    write,
    line,
    ask: (text) => {
      write(`${text}\r\n`)
      return line()
    },
    until,
    rest: async () => {
      while (!closed) await more()
      return Buffer.concat(chunks.splice(0))
    },
    startTls: async () => {
      for (const event of ['data', 'close', 'end', 'error']) socket.removeAllListeners(event)
      const raw = socket
      raw.on('error', () => undefined)
      socket = tlsConnect({ socket: raw, rejectUnauthorized: false })
      listen()
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve)
        socket.once('error', reject)
        socket.once('close', () => reject(new Error('closed in the handshake')))
      })
    },
    end: () => void socket.end(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
    crash: () => void base.destroy(),
  }
}

/** An account with an INBOX and scripts, in memory. */
export interface TestAccount {
  accountId: AccountId
  password: string
  token: string
  signIn?: SignInResult
  uidValidity: number
  messages: Map<number, Buffer>
  scripts: Map<string, string>
  active: string | null
  /** What the store throws next, until it is null again. */
  failing: Error | null
  /** Stores open now. */
  open: number
}

export interface TestHouse {
  accounts: Map<string, TestAccount>
  directory: Directory
  stores: MailStores
  add(address: string, messages?: (string | Buffer)[]): TestAccount
  signOut(account: TestAccount): void
  /** What signing in throws next, until it is null again. */
  failing: Error | null
}

/** What a directory and the stores would be, with one rule: exact addresses. */
export function testHouse(): TestHouse {
  const listeners = new Set<Parameters<Directory['onSignOut']>[0]>()
  const tenantId = newId<TenantId>()
  const admit = (username: string, fits: (account: TestAccount) => boolean): SignInResult => {
    if (house.failing) throw house.failing
    const account = house.accounts.get(username)
    if (account?.signIn) return account.signIn
    if (!account || !fits(account)) return { ok: false, reason: 'credentials' }
    const { accountId } = account
    const region = 'eu' as RegionId
    return {
      ok: true,
      account: { tenantId, accountId, region, address: username, credentialId: newId(), maySend: true, epoch: 1 },
    }
  }
  const directory: Directory = {
    resolve: async () => [],
    mayUse: async () => false,
    signIn: async ({ username, password }) => admit(username, (account) => account.password === password),
    signInByToken: async ({ username, token }) => {
      const byToken = [...house.accounts].find(([, account]) => account.token === token)?.[0]
      return admit(username || byToken || '', (account) => account.token === token)
    },
    onSignOut: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const house: TestHouse = {
    accounts: new Map(),
    failing: null,
    directory,
    stores: {
      open: async ({ accountId }) => {
        const account = [...house.accounts.values()].find((one) => one.accountId === accountId)
        if (!account) throw new Fault('NOT_FOUND', 'No such account')
        if (account.failing) throw account.failing
        account.open++
        return storeOf(account, tenantId)
      },
    },
    add: (address, messages = []) => {
      const account: TestAccount = {
        accountId: newId(),
        password: 'correct horse battery',
        token: `token-${address.replace('@', '-')}`,
        uidValidity: 77,
        messages: new Map(messages.map((message, i) => [10 + 2 * i, Buffer.from(message)])),
        scripts: new Map(),
        active: null,
        failing: null,
        open: 0,
      }
      house.accounts.set(address, account)
      return account
    },
    signOut: (account) => {
      for (const listener of listeners) listener(account.accountId, 'suspended')
    },
  }
  return house
}

function storeOf(account: TestAccount, tenantId: TenantId): MailStore {
  const id = newId<FolderId>()
  const folder = (): Folder => ({
    id,
    path: 'INBOX',
    specialUse: 'inbox',
    subscribed: true,
    uidValidity: account.uidValidity,
    uidNext: 1_000_000,
    highestModseq: 1n,
    messages: account.messages.size,
    unseen: 0,
    size: 0,
  })
  const check = () => {
    if (account.failing) throw account.failing
  }
  let closed = false
  const store: Partial<MailStore> = {
    account: { tenantId, accountId: account.accountId, region: 'eu' as RegionId },
    folder: async () => {
      check()
      return folder()
    },
    view: async (): Promise<FolderView> => {
      check()
      const entries = [...account.messages].sort(([a], [b]) => a - b)
      const n = entries.length
      return {
        folder: folder(),
        uids: Uint32Array.from(entries, ([uid]) => uid),
        sizes: Uint32Array.from(entries, ([, raw]) => raw.length),
        flags: new Int32Array(n),
        modseqs: new Float64Array(n),
        receivedAt: new Float64Array(n),
        savedAt: new Float64Array(n),
        keywords: new Map(),
      }
    },
    bodies: async function* (_folder, uids) {
      for (const uid of Array.from(uids)) {
        check()
        const raw = account.messages.get(uid)
        if (raw) yield { uid, raw }
      }
    },
    remove: async (_folder, uids) => {
      check()
      return uids.filter((uid) => account.messages.delete(uid))
    },
    ...scriptsOf(account, check),
    close: () => {
      if (!closed) account.open--
      closed = true
    },
  }
  return store as MailStore
}

function scriptsOf(account: TestAccount, check: () => void): Partial<MailStore> {
  const find = (name: string): string => {
    check()
    const text = account.scripts.get(name)
    if (text === undefined) throw new Fault('NOT_FOUND', 'No such script')
    return text
  }
  return {
    scripts: async () => {
      check()
      return [...account.scripts].map(([name, text]) => ({
        name,
        active: name === account.active,
        size: Buffer.byteLength(text),
      }))
    },
    script: async (name) => find(name),
    putScript: async (name, text) => {
      check()
      if (!account.scripts.has(name) && account.scripts.size >= 3) throw new Fault('LIMIT', 'Too many scripts')
      account.scripts.set(name, text)
    },
    activateScript: async (name) => {
      if (name !== null) find(name)
      check()
      account.active = name
    },
    deleteScript: async (name) => {
      find(name)
      if (account.active === name) throw new Fault('FORBIDDEN', 'Active')
      account.scripts.delete(name)
    },
    renameScript: async (from, to) => {
      const text = find(from)
      if (account.scripts.has(to)) throw new Fault('CONFLICT', 'Taken')
      account.scripts.delete(from)
      account.scripts.set(to, text)
      if (account.active === from) account.active = to
    },
  }
}

/** A log that keeps what it was told, for tests that look for what must not be in it. */
export function keptLog(): Log & { lines: string[] } {
  const lines: string[] = []
  const keep = (event: string, fields = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`)
  return { lines, info: keep, warn: keep, error: keep }
}

/** A generator of numbers in [0, 1) that repeats for one seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A line with some bytes changed, doubled or left out. */
export function mutate(line: string, random: () => number): string {
  let text = line
  for (let n = Math.floor(random() ** 2 * 6); n > 0; n--) {
    const at = Math.floor(random() * (text.length + 1))
    const pick = random()
    const byte = String.fromCharCode(Math.floor(random() * 256))
    if (pick < 0.35) text = text.slice(0, at) + byte + text.slice(at + 1)
    else if (pick < 0.6) text = text.slice(0, at) + byte + text.slice(at)
    else if (pick < 0.8) text = text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 4))
    else if (pick < 0.97) text += text.slice(at)
    else text += 'A'.repeat(Math.floor(random() * 14_000))
  }
  return text
}
