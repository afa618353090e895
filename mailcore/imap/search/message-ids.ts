/** References read of one message: the first and the last ones, which is what RFC 5322 3.6.4 advises to keep. 16 KB hold two thousand. */
const REFERENCES_MOST = 100

/** The message ids in a field's value, in order, those in the middle left out when there are too many. */
export function messageIds(value: string): string[] {
  const ids: string[] = []
  for (let end = value.lastIndexOf('>'); end > 0 && ids.length < REFERENCES_MOST; ) {
    const start = value.lastIndexOf('<', end)
    if (start < 0) break
    const id = normalId(value.slice(start + 1, end))
    if (id !== '') ids.push(id)
    end = start === 0 ? -1 : value.lastIndexOf('>', start - 1)
  }
  ids.reverse()
  const first = ids.length === REFERENCES_MOST ? firstId(value) : undefined
  if (first !== undefined && !ids.includes(first)) ids[0] = first
  return ids
}

/** The first message id in a field's value; undefined where it holds none. */
export function firstId(value: string): string | undefined {
  const end = value.indexOf('>')
  const start = end < 0 ? -1 : value.lastIndexOf('<', end)
  return (start < 0 ? '' : normalId(value.slice(start + 1, end))) || undefined
}

/** Without white space from folding, and without quotes that change nothing (RFC 5256: `<"01KF8JCEOCBS0045PS"@x>` is `<01KF8JCEOCBS0045PS@x>`). */
function normalId(id: string): string {
  const close = id.includes('>') ? id.slice(0, id.indexOf('>')) : id
  const bare = /\s/.test(close) ? close.replace(/\s+/g, '') : close
  return bare.includes('"') ? bare.replace(/"([^"\\]*(?:\\.[^"\\]*)*)"/g, '$1').replace(/\\(.)/g, '$1') : bare
}
