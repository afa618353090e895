/**
 * Does a folder's path match a LIST pattern (RFC 3501 6.3.8)? `*` stands for anything, `%` for anything without "/".
 * One row of states, so the cost is path times pattern at worst; imap-core builds a regular expression, which a
 * pattern such as `*a*a*a*a...` turns into hours of CPU (CVE-2026-33607).
 */
export function matchesPattern(path: string, pattern: string): boolean {
  let row = new Uint8Array(path.length + 1)
  row[0] = 1
  for (const c of pattern
    .replace(/[*%]*\*[*%]*/g, '*')
    .replace(/%+/g, '%')
    .split('')) {
    const next = new Uint8Array(path.length + 1)
    const wild = c === '*' || c === '%'
    for (let i = 0; i <= path.length; i++) {
      const from = i > 0 ? path[i - 1] : ''
      if (wild) next[i] = row[i] || (i > 0 && next[i - 1] && (c === '*' || from !== '/')) ? 1 : 0
      else next[i] = i > 0 && row[i - 1] && from === c ? 1 : 0
    }
    row = next
  }
  return row[path.length] === 1
}
