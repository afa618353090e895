import { Fault } from '#lib/errors'
import type { DnsLookup } from '#server/services/dns/look-up'

type Answers = { [Type in keyof DnsLookup]: Awaited<ReturnType<DnsLookup[Type]>>[number] }

export interface FakeDns extends DnsLookup {
  /** What one question answers from now on. */
  set<Type extends keyof Answers>(type: Type, name: string, answers: Answers[Type][]): void
  /** From now on nothing answers, or all does again. */
  fail(down: boolean): void
}

/** A DNS that knows what a test has put into it, and nothing else. */
export function fakeDns(): FakeDns {
  const known = new Map<string, unknown[]>()
  let down = false
  const ask =
    <Type extends keyof Answers>(type: Type) =>
    async (name: string): Promise<Answers[Type][]> => {
      if (down) throw new Fault('UNAVAILABLE', 'The DNS is down.')
      return (known.get(`${type} ${name}`) ?? []) as Answers[Type][]
    }
  return {
    txt: ask('txt'),
    mx: ask('mx'),
    cname: ask('cname'),
    srv: ask('srv'),
    addresses: ask('addresses'),
    caa: ask('caa'),
    tlsa: ask('tlsa'),
    set: (type, name, answers) => void known.set(`${type} ${name}`, answers),
    fail: (now) => {
      down = now
    },
  }
}
