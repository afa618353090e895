import type { Output } from '#mailcore/door/output'

const CR = 13
const LF = 10
const DOT = 46
const CRLF = Buffer.from('\r\n')
/** Looked at in one go. */
const BLOCK_BYTES = 32 * 1024
/** Sent before other sessions have their turn, however fast this client takes it. */
const TURN_BYTES = 1024 * 1024

/**
 * Does this dot need another before it (RFC 1939 section 3)?
 *
 * A line ends with CRLF, and a dot that begins one is doubled: a client that goes by the RFC has the exact bytes back. But many clients take a
 * bare LF for a line end too, and some a bare CR. For these a stored "LF . CRLF" would be the end of the message, and what follows would be
 * read as our answers to what they ask next (CVE-2026-33604). No encoding serves both: within a line of the first kind of client nothing can
 * be hidden, so one dot more there is one dot more in its copy. We double it, but only where otherwise the end would be faked: a dot alone
 * between a bare CR or LF and a CR or LF. All else, such as "LF . x", goes out as it stands. So the bytes are exact for CRLF clients in every
 * message but one that holds such a fake; and such a message came by APPEND, since the doors of delivery refuse bare CR and LF.
 */
function needsDot(raw: Buffer, at: number): boolean {
  const before = raw[at - 1]
  if (at === 0 || (before === LF && raw[at - 2] === CR)) return true
  if (before !== LF && before !== CR) return false
  const after = raw[at + 1]
  return after === undefined || after === CR || after === LF
}

/** A message in pieces as they go over the wire, without the end line. One that does not end with CRLF is given it. */
export function* stuffed(raw: Buffer): Generator<Buffer> {
  for (let from = 0; from < raw.length; from += BLOCK_BYTES) {
    const to = Math.min(from + BLOCK_BYTES, raw.length)
    const dots: number[] = []
    for (let at = from; at < to; at++) if (raw[at] === DOT && needsDot(raw, at)) dots.push(at)
    yield dots.length === 0 ? raw.subarray(from, to) : withDots(raw.subarray(from, to), dots, from)
  }
  const last = raw.length - 1
  if (last >= 0 && !(raw[last] === LF && raw[last - 1] === CR)) yield CRLF
}

function withDots(block: Buffer, dots: readonly number[], offset: number): Buffer {
  const made = Buffer.allocUnsafeSlow(block.length + dots.length)
  let next = 0
  let to = 0
  for (let at = 0; at < block.length; at++) {
    if (dots[next] === offset + at) {
      made[to++] = DOT
      next++
    }
    made[to++] = block[at] ?? 0
  }
  return made
}

/** Where the header, the empty line and the first `lines` lines of the body end (RFC 1939 section 7, TOP). Bare LF ends a line here too. */
export function topEnd(raw: Buffer, lines: number): number {
  let at = bodyStart(raw)
  for (let left = lines; left > 0 && at < raw.length; at++) if (raw[at] === LF) left--
  return at
}

function bodyStart(raw: Buffer): number {
  if (raw[0] === LF) return 1
  if (raw[0] === CR && raw[1] === LF) return 2
  const crlf = raw.indexOf('\n\r\n', 0, 'latin1')
  const lf = (crlf < 0 ? raw : raw.subarray(0, crlf + 1)).indexOf('\n\n', 0, 'latin1')
  if (lf >= 0) return lf + 2
  return crlf >= 0 ? crlf + 3 : raw.length
}

/** Sends the lines of a message and the end line. Waits for a slow reader; `onProgress` is called each time it has taken some. */
export async function sendMessage(output: Output, raw: Buffer, onProgress: () => void): Promise<void> {
  let sent = 0
  for (const piece of stuffed(raw)) {
    output.bytes(piece)
    if (output.full) {
      await output.flush()
      onProgress()
    }
    if (!output.open) return
    sent += piece.length
    if (sent >= TURN_BYTES) {
      sent = 0
      await nextTurn()
    }
  }
  output.text('.\r\n')
}

/** Lets other sessions have their turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
