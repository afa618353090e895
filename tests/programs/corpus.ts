/** Messages that programs and servers stumble over: every line ends with CRLF, as IMAP has it; all else is as strangers send it. */

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')
const head = (id: string, subject = id): string =>
  `From: Stranger <s@else.example>\r\nTo: ann@our.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nSubject: ${subject}\r\nMessage-ID: <${id}@corpus.example>\r\n`

function nested(id: string, depth: number): string {
  let inner = 'Content-Type: text/plain\r\n\r\ninnermost\r\n'
  for (let i = depth; i > 0; i--)
    inner = `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n${inner}\r\n--b${i}--\r\n`
  return head(id) + inner
}

function forwarded(id: string, depth: number): string {
  let inner = `${head(`${id}.inner`)}\r\nthe first of them\r\n`
  for (let i = depth; i > 0; i--) inner = `${head(`${id}.${i}`)}Content-Type: message/rfc822\r\n\r\n${inner}`
  return `${head(id)}Content-Type: message/rfc822\r\n\r\n${inner}`
}

const everyByte = Array.from({ length: 255 }, (_, i) => i + 1).filter((code) => code !== 10 && code !== 13)

const HOSTILE: readonly ((id: string) => Buffer)[] = [
  (id) => bytes(`${head(id)}\r\nplain\r\n`),
  (id) => bytes(`${head(id)}\r\nno end of line at the end`),
  (id) => bytes(`${head(id)}\r\n`),
  (id) => bytes(`${head(id, 'caf\xe9 in latin1')}\r\n\xe4\xf6\xfc \xff\x80\r\n`),
  (id) => utf8(`${head(id, 'Grüße 日本語 😀')}Content-Type: text/plain; charset=utf-8\r\n\r\nträgt 語\r\n`),
  (id) => Buffer.concat([bytes(`${head(id)}\r\n`), Buffer.from(everyByte), bytes('\r\n')]),
  (id) => bytes(`${head(id)}\r\n${'x'.repeat(20_000)}\r\n`),
  (id) => bytes(`${head(id)}X-Long: ${'y'.repeat(9000)}\r\n\r\nafter a long field\r\n`),
  (id) => bytes(`${head(id)}X-Folded: a\r\n\tb\r\n   c\r\n\r\nfolded\r\n`),
  (id) => bytes(`${head(id)}\r\nFrom the start of a line\r\n>From quoted\r\n.\r\n..\r\n.dot\r\n`),
  (id) => bytes(`${head(id)}\r\n* 1 EXISTS\r\n+ go ahead\r\na1 OK done\r\n{5}\r\n`),
  (id) => bytes(nested(id, 30)),
  (id) => bytes(forwarded(id, 8)),
  (id) => bytes(`${head(id)}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nno closing boundary`),
  (id) => bytes(`${head(id)}Content-Type: multipart/mixed\r\n\r\nno boundary at all\r\n`),
  (id) => bytes(`${head(id)}Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nempty\r\n----\r\n`),
  (id) => bytes(`${head(id)}Content-Type: text/plain; charset="\\\r\n\r\nbroken parameter\r\n`),
  (id) => bytes(`${head(id)}From: second@else.example\r\nSubject: second\r\n\r\ntwice\r\n`),
  (id) => bytes(`${head(id)}To: "unclosed <a@b, (comment (nested\r\n\r\nbroken address\r\n`),
  (id) =>
    bytes(
      `${head(id)}To: undisclosed-recipients:;\r\nCc: Group: a@b.example, "c \\" d" <e@f.example>;\r\n\r\ngroup\r\n`,
    ),
  (id) => bytes(`${head(id, '"quoted\\" {12}" %*()')}\r\nliteral-like\r\n`),
  (id) => bytes(`${head(id)}Date: not a date\r\n\r\ndate\r\n`),
  (id) => bytes(`${head(id)}\r\n\r\n\r\n\r\n   \r\n\t\r\n`),
  (id) =>
    bytes(
      `${head(id)}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=q\r\n\r\npreamble\r\n--q\r\nContent-Type: text/plain\r\n\r\na\r\n--q\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+YTwvYj4=\r\n--q--\r\nepilogue\r\n`,
    ),
  (id) =>
    bytes(`${head(id)}${'Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0000\r\n'.repeat(200)}\r\ntravelled\r\n`),
]

/** How many shapes there are. */
export const SHAPES = HOSTILE.length

/** `count` messages, each with a Message-ID of its own, going round all the shapes. */
export const corpus = (count: number, name = 'm'): Buffer[] =>
  Array.from({ length: count }, (_, i) => {
    const shape = HOSTILE[i % HOSTILE.length]
    if (!shape) throw new Error('no such shape')
    return shape(`${name}${i}`)
  })

/** One message that no one stumbles over. */
export const simple = (id: string, subject = id): Buffer => bytes(`${head(id, subject)}\r\nText of ${id}.\r\n`)

/** The Message-ID that the corpus gave, without its host; empty when there is none. */
export const idOf = (raw: Buffer): string =>
  /^Message-ID: <(.*)@corpus\.example>/m.exec(raw.toString('latin1'))?.[1] ?? ''

/** With line ends as Unix has them: what programs keep on disk. */
export const unix = (raw: Buffer): string => raw.toString('latin1').replaceAll('\r\n', '\n')
