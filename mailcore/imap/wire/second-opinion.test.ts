import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { describeMessage } from '#mailcore/proto/mime/describe'
import { parseMessage, partAt } from '#mailcore/proto/mime/parse'
import { Cursor } from './cursor'
import { quote } from './format'

/** wildduck's imap-core, the engine this one took the place of: where it is sound it is a second opinion, and where it is not, these tests say why. */
process.env.DISABLE_WILD_CONFIG = 'true'
const require = createRequire(import.meta.url)
interface Node {
  type: string
  value: unknown
}
const { parser } = require('wildduck/imap-core/lib/handler/imap-handler') as {
  parser(line: string, options: object): { attributes: (Node | Node[])[] }
}
const Indexer = require('wildduck/imap-core/lib/indexer/indexer') as new () => {
  parseMimeTree(raw: Buffer): unknown
  getSize(tree: unknown): number
  getBodyStructure(tree: unknown): unknown[]
}
const theirs = (text: string) => parser(`a X ${text}`, {}).attributes
const ours = (text: string) => new Cursor([text])

describe('the parser of imap-core', () => {
  it.each([
    ['inbox', 'inbox'],
    ['"a b"', 'a b'],
    ['"with \\" and \\\\"', 'with " and \\'],
    ['""', ''],
    ['a.b-c/d', 'a.b-c/d'],
  ])('reads the argument %s as ours does', (text, value) => {
    expect(ours(text).astring()).toBe(value)
    expect(theirs(text)).toMatchObject([{ value }])
  })

  it('reads nested lists as ours does', () => {
    const read = (cursor: Cursor): unknown => (cursor.next === '(' ? cursor.list(() => read(cursor)) : cursor.atom())
    const plain = (node: Node | Node[]): unknown => (Array.isArray(node) ? node.map(plain) : node.value)
    for (const text of ['(a (b c) ((d)))', '()', '((a) (b))'])
      expect(read(ours(text))).toEqual(theirs(text).map(plain)[0])
  })

  it('refuses what RFC 5258 and RFC 7162 write: a list of patterns, and a set before a parenthesis', () => {
    expect(() => theirs('(% *)')).toThrow()
    expect(() => theirs('(QRESYNC (1 2 1:*))')).toThrow()
    const cursor = ours('(% *)')
    expect(cursor.list(() => cursor.listPattern())).toEqual(['%', '*'])
    const set = ours('1:*)')
    expect(set.sequenceSet()).toEqual({ saved: false, ranges: [[1, Number.POSITIVE_INFINITY]] })
  })

  it('takes NUL in a quoted string and escapes that are none (RFC 9051 section 9, quoted), where ours says BAD', () => {
    expect(theirs('"a\0b"')).toMatchObject([{ value: 'a\0b' }])
    expect(theirs('"x\\y"')).toMatchObject([{ value: 'xy' }])
    expect(() => ours('"a\0b"').string()).toThrow()
    expect(() => ours('"x\\y"').string()).toThrow()
  })

  it('forgets that a literal8 was one (RFC 3516), and so BINARY could not tell it from text', () => {
    const read = parser('a APPEND INBOX ~{3}\r\nabc', { literals: [Buffer.from('abc')] })
    expect(read.attributes[1]).not.toHaveProperty('binary')
    expect(new Cursor(['', { data: Buffer.from('abc'), binary: true }, '']).literal().binary).toBe(true)
  })

  // imap-core's takes 3.7 s of CPU for this line on the machine that builds this.
  it('reads a set of 30,000 numbers in one pass', () => {
    const text = Array.from({ length: 30_000 }, (_, i) => 2 * i + 1).join(',')
    const set = ours(text).sequenceSet()
    expect(!set.saved && set.ranges.length).toBe(30_000)
  })
})

describe('the MIME indexer of imap-core', () => {
  const tidy = Buffer.from(
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n',
  )
  it('agrees with ours on tidy mail', () => {
    const indexer = new Indexer()
    const tree = indexer.parseMimeTree(tidy)
    expect(indexer.getSize(tree)).toBe(tidy.length)
    expect(describeMessage(tidy).bodystructure).toMatch(/^\(\("text" "plain".*\)\("text" "html".*\) "mixed"/)
    expect(JSON.stringify(indexer.getBodyStructure(tree))).toMatch(/"html"/i)
  })

  it('rebuilds messages from a tree, which is not the message that came: bare line ends are lost (P-13); ours only cuts', () => {
    const raw = Buffer.from(
      'Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\r\n--b \r\nX: y\r\n\r\ntwo\n--b--trailer',
    )
    const indexer = new Indexer()
    expect(indexer.getSize(indexer.parseMimeTree(raw))).not.toBe(raw.length)
    const part = partAt(parseMessage(raw), [2])
    expect(part && raw.toString('latin1', part.bodyStart, part.end)).toBe('two')
  })
})

describe('the compiler of imap-core', () => {
  it('quotes as ours does, though ours builds no tree of objects for every answer', () => {
    const { compiler } = require('wildduck/imap-core/lib/handler/imap-handler') as { compiler(o: object): string }
    for (const value of ['plain', 'with "quotes"', 'back\\slash', ''])
      expect(compiler({ tag: '*', command: 'X', attributes: [{ type: 'STRING', value }] })).toBe(`* X ${quote(value)}`)
  })
})
