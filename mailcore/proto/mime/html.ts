/** Elements whose content is no text. */
const SILENT = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg'])
const ENTITIES = new Map<string, string>([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['shy', ''],
  ['zwnj', ''],
  ['copy', '\u00a9'],
  ['reg', '\u00ae'],
  ['euro', '\u20ac'],
  ['hellip', '\u2026'],
  ['ndash', '\u2013'],
  ['mdash', '\u2014'],
  ['lsquo', '\u2018'],
  ['rsquo', '\u2019'],
  ['ldquo', '\u201c'],
  ['rdquo', '\u201d'],
  ['bull', '\u2022'],
  ['auml', '\u00e4'],
  ['ouml', '\u00f6'],
  ['uuml', '\u00fc'],
  ['Auml', '\u00c4'],
  ['Ouml', '\u00d6'],
  ['Uuml', '\u00dc'],
  ['szlig', '\u00df'],
  ['eacute', '\u00e9'],
  ['egrave', '\u00e8'],
  ['agrave', '\u00e0'],
  ['ccedil', '\u00e7'],
  ['ntilde', '\u00f1'],
])

/**
 * The words of an HTML text, for searching and previews only: it is not a sanitiser and its result is never shown as
 * markup. One pass with indexOf, no stack and no tree, so 1 MB of `<` costs 1 MB of steps (P-10).
 */
export function htmlToText(html: string): string {
  const out: string[] = []
  let i = 0
  let noMoreClosing = false
  while (i < html.length) {
    const open = html.indexOf('<', i)
    if (open < 0 || noMoreClosing) {
      out.push(html.slice(i))
      break
    }
    if (open > i) out.push(html.slice(i, open))
    const tag = readTag(html, open)
    if (tag === null) {
      noMoreClosing = true
      i = open
    } else if (tag.silent !== null) {
      i = skipElement(html, tag.next, tag.silent)
    } else {
      if (tag.next > open + 1) out.push(tag.inline ? '' : ' ')
      else out.push('<')
      i = tag.next
    }
  }
  return decodeEntities(out.join(''))
}

const INLINE = new Set([
  'a',
  'b',
  'i',
  'u',
  'em',
  'strong',
  'span',
  'font',
  'small',
  'big',
  'sub',
  'sup',
  'code',
  'mark',
  'wbr',
])

/** The tag at `open`, or null when nothing after it closes. A `<` that starts no tag is text. */
function readTag(html: string, open: number): { next: number; silent: string | null; inline: boolean } | null {
  if (html.startsWith('<!--', open)) {
    const end = html.indexOf('-->', open + 4)
    return { next: end < 0 ? html.length : end + 3, silent: null, inline: true }
  }
  const c = html.charCodeAt(open + 1) | 32
  const first = html.charAt(open + 1)
  if (!(c >= 97 && c <= 122) && first !== '/' && first !== '!' && first !== '?') {
    return { next: open + 1, silent: null, inline: true }
  }
  const close = html.indexOf('>', open)
  if (close < 0) return null
  const name = /^\/?([a-zA-Z0-9]{1,20})/.exec(html.slice(open + 1, open + 24))?.[1]?.toLowerCase() ?? ''
  const silent = first !== '/' && SILENT.has(name) && html.charAt(close - 1) !== '/' ? name : null
  return { next: close + 1, silent, inline: INLINE.has(name) }
}

/** The end of `</name>` after `from`, or the text's end: an unclosed script hides the rest, as in a browser. */
function skipElement(html: string, from: number, name: string): number {
  let at = from
  for (;;) {
    const open = html.indexOf('</', at)
    if (open < 0) return html.length
    if (html.slice(open + 2, open + 2 + name.length).toLowerCase() === name) {
      const close = html.indexOf('>', open)
      return close < 0 ? html.length : close + 1
    }
    at = open + 2
  }
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});?/g, (whole, name: string) => {
    if (name[0] !== '#') return ENTITIES.get(name) ?? whole
    const code = name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ''
  })
}
