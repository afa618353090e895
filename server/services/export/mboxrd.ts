/**
 * One message in mboxrd form: a From_ line, the message with LF line ends and `>` before every line of the form `>*From `, an empty line.
 * `receivedAt` in UTC, as asctime writes it (RFC 4155 appendix A).
 */
export function mboxrdEntry(raw: Buffer, receivedAt: Date): Buffer {
  // Latin-1 maps every byte to one character and back, so no byte of the message changes.
  const body = raw
    .toString('latin1')
    .replace(/\r\n/g, '\n')
    .replace(/(^|\n)(>*From )/g, '$1>$2')
  const end = body.endsWith('\n') ? '\n' : '\n\n'
  return Buffer.from(`From MAILER-DAEMON ${asctime(receivedAt)}\n${body}${end}`, 'latin1')
}

/** `Mon Nov  2 09:05:00 2026` */
function asctime(at: Date): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = at.toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
}
