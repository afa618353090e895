/** A value of a stored BODYSTRUCTURE: an atom, string or literal as it stands, or a list. */
type Value = string | Value[]

/**
 * BODY (RFC 3501 7.4.2): the stored BODYSTRUCTURE without its extension data. Strings hold one character per byte.
 * Linear; an ill-formed string comes back as it is.
 */
export function shortStructure(bodystructure: string): string {
  const value = read(bodystructure)
  return Array.isArray(value) ? write(shorten(value)) : bodystructure
}

function read(text: string): Value | undefined {
  const root: Value[] = []
  const open: Value[][] = [root]
  let i = 0
  while (i < text.length) {
    const top = open[open.length - 1]
    const c = text.charAt(i)
    if (!top) return undefined
    if (c === ' ') {
      i++
    } else if (c === '(') {
      const list: Value[] = []
      top.push(list)
      open.push(list)
      i++
    } else if (c === ')') {
      open.pop()
      i++
    } else {
      const end = c === '"' ? quotedEnd(text, i) : c === '{' ? literalEnd(text, i) : atomEnd(text, i)
      top.push(text.slice(i, end))
      i = end
    }
  }
  return open.length === 1 ? root[0] : undefined
}

function quotedEnd(text: string, from: number): number {
  let i = from + 1
  while (i < text.length && text.charAt(i) !== '"') i += text.charAt(i) === '\\' ? 2 : 1
  return i + 1
}

function literalEnd(text: string, from: number): number {
  const close = text.indexOf('}\r\n', from)
  return close < 0 ? text.length : close + 3 + (Number(text.slice(from + 1, close)) || 0)
}

function atomEnd(text: string, from: number): number {
  let i = from
  while (i < text.length && !' ()'.includes(text.charAt(i))) i++
  return Math.max(i, from + 1)
}

/** Of a multipart the parts and the subtype; of others the fields before MD5: 7, text 8, an enclosed message 10. */
function shorten(structure: Value[]): Value[] {
  const parts = structure.findIndex((value) => !Array.isArray(value))
  if (parts > 0) return [...structure.slice(0, parts).map(shortenValue), structure[parts] ?? 'NIL']
  const type = nameOf(structure[0])
  const enclosed = type === 'message' && Array.isArray(structure[8])
  const kept = structure.slice(0, enclosed ? 10 : type === 'text' ? 8 : 7)
  return enclosed ? kept.map((value, index) => (index === 8 ? shortenValue(value) : value)) : kept
}

const shortenValue = (value: Value): Value => (Array.isArray(value) ? shorten(value) : value)
const nameOf = (value: Value | undefined): string =>
  typeof value === 'string' ? value.replaceAll('"', '').toLowerCase() : ''

/** Lists that hold lists only stand close together, as in `((..)(..) "mixed")` and address lists. */
function write(value: Value): string {
  if (typeof value === 'string') return value
  let out = ''
  let listsOnly = true
  for (const item of value) {
    const close = out === '' || (listsOnly && Array.isArray(item))
    listsOnly &&= Array.isArray(item)
    out += `${close ? '' : ' '}${write(item)}`
  }
  return `(${out})`
}
