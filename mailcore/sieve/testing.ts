// biome-ignore-all lint/suspicious/noTemplateCurlyInString: in Sieve that is a variable
import { compileScript } from './compile'
import { runScript } from './run'
import type { Action, SieveEnv, SieveOutcome } from './types'

export const MESSAGE = `Return-Path: <tim@example.com>
Received: from a.example by b.example; Tue, 01 Apr 2003 09:06:31 +0200
Received: from c.example by a.example; Mon, 31 Mar 2003 23:59:59 -0800
Date: Tue, 1 Apr 2003 09:06:31 -0800 (PST)
From: "Coyote, Wile E." <coyote+acme@Desert.Example.org>
To: roadrunner@acme.example.com, Sam <sam+beep@acme.example.com>
Cc: team: ann@one.example, bob@two.example;
Subject: I have a present for you
X-Caffeine: C8H10N4O2
X-Spam-Score: 12.5
X-Empty:
X-Encoded: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?IGF1cyBXaWVu?=
X-Folded: one
 two
\tthree
Message-ID: <1@desert.example.org>

Look, I'm sorry about the whole anvil thing, and I really
didn't mean to try and drop it on you from the top of the
cliff.
`.replaceAll('\n', '\r\n')

export interface Given extends Partial<Omit<SieveEnv, 'message'>> {
  message?: string | Buffer
  size?: number
  /** Scripts that may be included, by name */
  scripts?: Record<string, string>
  folders?: readonly string[]
}

/** Surroundings for a run: a message, a few folders, a clock that stands. */
export function envOf(given: Given = {}): SieveEnv {
  const raw = Buffer.isBuffer(given.message) ? given.message : Buffer.from(given.message ?? MESSAGE)
  const seen = new Set<string>()
  const folders = given.folders ?? ['INBOX', 'Junk', 'Lists']
  return {
    envelope: { from: 'tim@example.com', to: ['me+tag@example.org'] },
    now: new Date('2026-02-28T13:14:15Z'),
    ownAddresses: ['me@example.org'],
    environment: { location: 'MS', phase: 'post', domain: 'example.org', host: 'mx.example.org' },
    mailboxExists: async (path) => folders.includes(path),
    specialUseExists: async (flag, path) => flag === '\\Junk' && (path === undefined || path === 'Junk'),
    include: async (name) => given.scripts?.[name] ?? null,
    seenDuplicate: async (key) => {
      const before = seen.has(key)
      seen.add(key)
      return before
    },
    ...given,
    message: { raw, size: given.size ?? raw.length },
  }
}

/** Compiles and runs; throws where the script does not compile. */
export async function runText(text: string, given: Given | SieveEnv = {}): Promise<SieveOutcome> {
  const compiled = compileScript(text)
  if (!compiled.ok) throw new Error(compiled.errors.map((one) => `${one.line}: ${one.message}`).join('\n'))
  const env = isEnv(given) ? given : envOf(given)
  return runScript(compiled.script, env)
}

const isEnv = (given: Given | SieveEnv): given is SieveEnv =>
  typeof given.message === 'object' && !Buffer.isBuffer(given.message)

/** Whether a test holds, by what it makes of the message. */
export async function holds(require: readonly string[], test: string, given: Given = {}): Promise<boolean> {
  const head = require.length > 0 ? `require [${require.map((one) => `"${one}"`).join(', ')}];\n` : ''
  const outcome = await runText(`${head}if ${test} { discard; }`, given)
  if (outcome.error) throw new Error(outcome.error.message)
  return !outcome.implicitKeep
}

/** The value a variable has at the end of a script. */
export async function textAfter(script: string, text = '${v}', given: Given = {}): Promise<string> {
  const outcome = await runText(`${script}\nreject "<${text}>";`, given)
  const reject = outcome.actions.find((one) => one.kind === 'reject')
  if (reject?.kind !== 'reject') throw new Error(outcome.error?.message ?? 'nothing was rejected')
  return reject.reason.slice(1, -1)
}

/** An outcome in a few words, for tables. */
export function brief(outcome: SieveOutcome): string {
  if (outcome.error) return `error ${outcome.error.line ?? '?'}: ${outcome.error.message}`
  const words = outcome.actions.map(briefAction)
  if (outcome.implicitKeep) words.push(`(keep)${flagWords(outcome.keepFlags ?? null)}`)
  return words.join(', ')
}

const flagWords = (flags: readonly string[] | null): string => (flags === null ? '' : `[${flags.join(' ')}]`)

function briefAction(action: Action): string {
  switch (action.kind) {
    case 'keep':
      return `keep${flagWords(action.flags)}`
    case 'fileinto':
      return [
        `fileinto ${action.path}${flagWords(action.flags)}`,
        ...(action.create ? ['create'] : []),
        ...(action.specialUse ? [action.specialUse] : []),
        ...(action.mailboxId ? [action.mailboxId] : []),
      ].join(' ')
    case 'redirect':
      return `redirect ${action.address}`
    case 'discard':
      return 'discard'
    case 'reject':
      return `${action.protocolOnly ? 'ereject' : 'reject'} ${action.reason}`
    case 'vacation':
      return `vacation ${action.seconds} ${action.reason}`
  }
}
