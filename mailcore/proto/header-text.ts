/** UTF-8 bytes of one encoded word: 45 are 60 characters of base64, below the 75 of RFC 2047 section 2. */
const WORD_BYTES = 45
const TEXT_CHARACTERS = 500

/**
 * Text as the value of a header field, such as a subject: controls and line breaks go, so that no text can add a field of its own; beyond ASCII, or
 * where a plain word would be taken for an encoded one, encoded words (RFC 2047).
 */
export function headerText(text: string): string {
  const plain = [...text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()].slice(0, TEXT_CHARACTERS).join('')
  if (/^[\x20-\x7e]*$/.test(plain) && !plain.includes('=?') && plain.length <= 900) return plain
  const words: string[] = []
  let word = ''
  for (const character of plain) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word)
      word = ''
    }
    word += character
  }
  words.push(word)
  return words.map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ')
}

/** A plain text as a body with its fields: as it is where it is ASCII in short lines, else base64. */
export function textPart(text: string): { fields: string[]; body: string } {
  const lines = text.replace(/\r\n|\r|\n/g, '\r\n')
  const plain = lines.split('\r\n').every((line) => line.length <= 900 && /^[\t\x20-\x7e]*$/.test(line))
  const body = plain
    ? lines
    : (
        Buffer.from(lines)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\r\n')
  return {
    fields: [
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}`,
    ],
    body: `${body}\r\n`,
  }
}
