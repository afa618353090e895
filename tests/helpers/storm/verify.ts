import { type Entry, type Ledger, type Outcome, sha } from './ledger'

/** One message as it lies in a mailbox. */
export interface Copy {
  /** Whose mailbox */
  address: string
  /** The ledger's id; '' where it names none */
  id: string
  intact: boolean
}

/** Five ways to be wrong, each as lines that name what is. All empty: as it should be. */
export interface Verdict {
  /** Accepted, and not there */
  lost: string[]
  /** There more than once */
  dup: string[]
  /** There, though refused or never sent */
  ghost: string[]
  /** There with other bytes */
  corrupt: string[]
  /** In a mailbox that it was not for */
  cross: string[]
  /** Copies of what was put off or left without an answer: allowed, once each */
  late: number
  copies: number
}

export const isClean = ({ lost, dup, ghost, corrupt, cross }: Verdict): boolean =>
  [lost, dup, ghost, corrupt, cross].every((list) => list.length === 0)

/** Reads what a mailbox holds as a copy: the id from its header, and whether body and, where the door leaves it alone, the whole message are as they were sent. */
export function copyOf(ledger: Ledger, address: string, raw: Buffer): Copy {
  const bodyAt = raw.indexOf('\r\n\r\n')
  const header = raw.toString('latin1', 0, bodyAt < 0 ? raw.length : bodyAt + 2)
  const id = /^X-Ledger: (\S+) [0-9a-f]{64}\r$/m.exec(header)?.[1] ?? ''
  const entry = ledger.entries.get(id)
  if (!entry) return { address, id, intact: false }
  const bodyIntact = bodyAt >= 0 && sha(raw.subarray(bodyAt + 4)) === entry.bodySha
  // In front stands what the door wrote; behind it every byte is the sender's.
  const whole =
    entry.door === 'submission' || sha(raw.subarray(Math.max(0, raw.length - entry.bytes))) === entry.wholeSha
  return { address, id, intact: bodyIntact && whole }
}

const MAY_BE = { acked: [1, 1], refused: [0, 0], deferred: [0, 1], unknown: [0, 1] } as const satisfies Record<
  Outcome,
  readonly [number, number]
>

/** Joins what was promised with what is there. */
export function verify(ledger: Ledger, copies: Iterable<Copy>): Verdict {
  const verdict: Verdict = { lost: [], dup: [], ghost: [], corrupt: [], cross: [], late: 0, copies: 0 }
  const found = new Map<string, number>()
  for (const { address, id, intact } of copies) {
    verdict.copies++
    const entry = ledger.entries.get(id)
    const place = `${id || 'no id'} in ${address}`
    if (!entry) verdict.ghost.push(place)
    else if (!entry.recipients.includes(address)) verdict.cross.push(place)
    else {
      if (!intact) verdict.corrupt.push(place)
      const key = `${id} ${address}`
      found.set(key, (found.get(key) ?? 0) + 1)
    }
  }
  for (const entry of ledger.entries.values())
    judge(verdict, entry, (address) => found.get(`${entry.id} ${address}`) ?? 0)
  return verdict
}

function judge(verdict: Verdict, entry: Entry, copiesIn: (address: string) => number): void {
  for (const address of entry.recipients) {
    const copies = copiesIn(address)
    const outcome = entry.outcomes.get(address) ?? 'refused'
    const [least, most] = MAY_BE[outcome]
    const place = `${entry.id} (${entry.door}, ${outcome}) in ${address}: ${copies}`
    if (copies < least) verdict.lost.push(place)
    else if (copies > most) (most === 0 ? verdict.ghost : verdict.dup).push(place)
    else if (least === 0) verdict.late += copies
  }
}
