import { Forest } from './forest'
import { sortInTurns } from './order'
import type { Pace } from './pace'

/** One message of a thread, or a dummy that stands for one that is not here. Roots of a forest are `Thread[]`. */
export interface Thread {
  /** Place of the message among those threaded, -1 for a dummy */
  place: number
  children: Thread[]
}

/** What REFERENCES asks of messages besides their ids, by place. */
export interface ThreadFacts {
  /** When sent, or for REFS when received; ms since 1970 */
  dates: Float64Array
  /** Sort keys of base subjects */
  subjects: string[]
  replies: boolean[]
}

/** Dummies there may be beyond one for each message: then references to unknown messages are passed over, which bounds memory. */
const DUMMIES_MORE = 20_000

/** Puts messages into trees by their references, one after another: steps 1 to 3 of REFERENCES (RFC 5256 section 3). A class, since it grows. */
export class ThreadBuilder {
  readonly #forest = new Forest()
  readonly #byId = new Map<string, number>()
  /** Place of the message by node, -1 while there is none. */
  readonly #places: number[] = []
  #messages = 0

  /** `references`: ids of earlier messages, the parent last. Messages come in the order of their numbers. */
  add(place: number, id: string | undefined, references: readonly string[]): void {
    this.#messages++
    // Step 1.A: links between the messages that are referred to; what is linked already stays.
    let before = -1
    for (const reference of references) {
      const node = this.#nodeOf(reference)
      if (node < 0) continue
      if (before >= 0 && before !== node && this.#forest.parentOf(node) < 0) this.#forest.link(node, before)
      before = node
    }
    // Step 1.B: the last of them is this message's parent, whatever was thought before.
    const node = this.#nodeFor(place, id)
    this.#forest.cut(node)
    if (before >= 0 && before !== node) this.#forest.link(node, before)
  }

  #newNode(): number {
    this.#places.push(-1)
    return this.#forest.add()
  }

  /** The node of a message: its own even when its id was seen on an earlier message, or is missing. */
  #nodeFor(place: number, id: string | undefined): number {
    let node = id === undefined ? undefined : this.#byId.get(id)
    if (node === undefined || (this.#places[node] ?? -1) >= 0) {
      const taken = node !== undefined
      node = this.#newNode()
      if (id !== undefined && !taken) this.#byId.set(copy(id), node)
    }
    this.#places[node] = place
    return node
  }

  #nodeOf(id: string): number {
    const known = this.#byId.get(id)
    if (known !== undefined) return known
    if (this.#places.length > 2 * this.#messages + DUMMIES_MORE) return -1
    const node = this.#newNode()
    this.#byId.set(copy(id), node)
    return node
  }

  /** The threads; see Thread. Dummies stand at the top only, and hold two messages at least (steps 2 and 3). */
  *roots(): Generator<void, Thread[]> {
    const count = this.#places.length
    const first = new Int32Array(count).fill(-1)
    const next = new Int32Array(count).fill(-1)
    const tops: number[] = []
    for (let node = count - 1; node >= 0; node--) {
      const parent = this.#forest.parentOf(node)
      if (parent < 0) {
        tops.push(node)
        continue
      }
      next[node] = first[parent] ?? -1
      first[parent] = node
    }
    yield
    // Parents before children; read backwards, children come first.
    const order = new Int32Array(count)
    let filled = 0
    for (const top of tops.reverse()) {
      let head = filled
      order[filled++] = top
      for (; head < filled; head++) {
        for (let child = first[order[head] ?? 0] ?? -1; child >= 0; child = next[child] ?? -1) order[filled++] = child
      }
    }
    yield
    const children = new Map<number, Thread[]>()
    const roots: Thread[] = []
    for (let i = count - 1; i >= 0; i--) {
      const node = order[i] ?? 0
      this.#settle(node, children.get(node) ?? [], children, roots)
      children.delete(node)
      if ((i & 4095) === 0) yield
    }
    return roots
  }

  /** Hands a node, or what stands in its place, on to its parent. */
  #settle(node: number, own: Thread[], children: Map<number, Thread[]>, roots: Thread[]): void {
    const place = this.#places[node] ?? -1
    const parent = this.#forest.parentOf(node)
    if (place < 0 && own.length === 0) return
    if (place < 0 && (parent >= 0 || own.length === 1)) {
      // A dummy's children move up; the longer list takes in the shorter, so that long lists are not copied level by level.
      const siblings = parent < 0 ? roots : children.get(parent)
      if (parent >= 0 && (siblings === undefined || siblings.length < own.length)) {
        if (siblings) for (const one of siblings) own.push(one)
        children.set(parent, own)
      } else if (siblings) for (const one of own) siblings.push(one)
      return
    }
    const thread = { place, children: own }
    if (parent < 0) roots.push(thread)
    else {
      const siblings = children.get(parent)
      if (siblings) siblings.push(thread)
      else children.set(parent, [thread])
    }
  }
}

/** A slice of a header would keep the whole header in memory. */
const copy = (id: string): string => Buffer.from(id, 'latin1').toString('latin1')

/** Every thread below, parents before children. */
function* everyThread(roots: readonly Thread[]): Generator<Thread> {
  const waiting: Thread[] = roots.slice().reverse()
  for (let thread = waiting.pop(); thread; thread = waiting.pop()) {
    yield thread
    for (const child of thread.children) waiting.push(child)
  }
}

/** Sorts siblings everywhere below by date, then by number (step 6). A dummy has the date of its first child. */
export async function sortChildren(roots: readonly Thread[], dates: Float64Array, rhythm: Pace): Promise<void> {
  for (const thread of everyThread(roots)) {
    if (thread.children.length > 1)
      thread.children = await sortThreads(thread.children, (one) => dates[firstPlace(one)] ?? 0, rhythm)
    else if (rhythm.due()) await rhythm.rest()
  }
}

/** The message of a thread, or of a dummy its first. */
export const firstPlace = (thread: Thread): number => {
  let at: Thread | undefined = thread
  while (at && at.place < 0) at = at.children[0]
  return at?.place ?? 0
}

/** Sorts threads by a date and the number of their message. */
export async function sortThreads(
  threads: Thread[],
  dateOf: (thread: Thread) => number,
  rhythm: Pace,
): Promise<Thread[]> {
  const dates = Float64Array.from(threads, dateOf)
  const places = Int32Array.from(threads, firstPlace)
  const order = await sortInTurns(
    Uint32Array.from(threads.keys()),
    (a, b) => (dates[a] ?? 0) - (dates[b] ?? 0) || (places[a] ?? 0) - (places[b] ?? 0),
    rhythm,
  )
  return Array.from(order, (i) => threads[i]).filter((thread) => thread !== undefined)
}

/** The latest date in a thread (REFS). */
export function latest(root: Thread, dates: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY
  for (const { place } of everyThread([root])) if (place >= 0) most = Math.max(most, dates[place] ?? 0)
  return most
}

/** Joins threads of one subject (RFC 5256, REFERENCES step 5). `roots` sorted by date. */
export function joinBySubject(roots: readonly Thread[], facts: ThreadFacts): Thread[] {
  const isReply = (thread: Thread): boolean => facts.replies[firstPlace(thread)] ?? false
  const subjectOf = (thread: Thread): string => facts.subjects[firstPlace(thread)] ?? ''
  const table = new Map<string, Thread>()
  for (const root of roots) {
    const subject = subjectOf(root)
    if (subject === '') continue
    const known = table.get(subject)
    // A dummy is the better home, and next to it an original.
    if (!known || (known.place >= 0 && (root.place < 0 || (isReply(known) && !isReply(root))))) table.set(subject, root)
  }
  const gone = new Set<Thread>()
  const replaced = new Map<Thread, Thread>()
  for (const root of roots) {
    const subject = subjectOf(root)
    const home = subject === '' ? undefined : table.get(subject)
    if (!home || home === root) continue
    gone.add(root)
    if (home.place < 0) {
      if (root.place < 0) for (const child of root.children) home.children.push(child)
      else home.children.push(root)
    } else if (isReply(root) && !isReply(home)) home.children.push(root)
    else {
      const dummy: Thread = { place: -1, children: [home, root] }
      replaced.set(home, dummy)
      table.set(subject, dummy)
    }
  }
  return roots.filter((root) => !gone.has(root)).map((root) => replaced.get(root) ?? root)
}

/** Threads as THREAD answers them: `(2)(3 6 (4 23)(44 7 96))` (RFC 5256 section 4). `numbers` by place; stops now and then. */
export function* formatThreads(roots: readonly Thread[], numbers: ArrayLike<number>): Generator<void, string> {
  const parts: string[] = []
  const waiting: (Thread | ')')[] = roots.slice().reverse()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === ')') {
      parts.push(')')
      continue
    }
    if ((parts.length & 1023) === 0) yield
    parts.push('(')
    waiting.push(')')
    let at: Thread | undefined = next
    while (at) {
      if (at.place >= 0) parts.push(String(numbers[at.place] ?? 0))
      const only: Thread | undefined = at.children.length === 1 ? at.children[0] : undefined
      if (at.children.length > 0 && at.place >= 0) parts.push(' ')
      if (!only) for (let i = at.children.length - 1; i >= 0; i--) waiting.push(at.children[i] ?? ')')
      at = only
    }
  }
  return parts.join('')
}
