import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** rspamd's opinion. */
export interface SpamOpinion {
  /** Points; its own thresholds are not used */
  score: number
  /** A rule that decides whatever the points are (GTUBE, a forced action): rspamd refuses below its own threshold */
  forced: boolean
}

/** What rspamd is told of a message besides its bytes: enough for its rules, no name of a user here. */
export interface SpamQuestion {
  message: Buffer
  address: string
  helo: string
  sender: string
  recipients: readonly string[]
  id: string
}

export interface SpamScanner {
  /** Throws when there is no usable answer. */
  ask(question: SpamQuestion): Promise<SpamOpinion>
  close(): void
}

/** From the request to the whole answer. rspamd gives itself 8 s a message. */
const TIMEOUT_MS = 10_000
/** Its answer names the rules that matched: some KB. */
const ANSWER_BYTES_MOST = 512 * 1024
/** Scans under way at once from one process: a wave waits here, not in rspamd's memory. */
const CONNECTIONS_MOST = 32
/** Recipients it is told of: it decides for all alike. */
const RECIPIENTS_MOST = 20

/** Speaks rspamd's HTTP protocol (POST /checkv2) with connections kept open. */
export function createRspamd(url: string, timeoutMs = TIMEOUT_MS): SpamScanner {
  const secure = url.startsWith('https:')
  const options = { keepAlive: true, maxSockets: CONNECTIONS_MOST, maxFreeSockets: CONNECTIONS_MOST }
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options)
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const headers = {
          'Content-Length': question.message.length,
          IP: headerText(question.address),
          Helo: headerText(question.helo),
          From: headerText(question.sender),
          Rcpt: question.recipients.slice(0, RECIPIENTS_MOST).map(headerText),
          'Queue-Id': question.id,
        }
        const request = (secure ? httpsRequest : httpRequest)(`${url}/checkv2`, { method: 'POST', agent, headers })
        const timer = setTimeout(() => request.destroy(failure('timeout')), timeoutMs)
        const settle = (act: () => void) => {
          clearTimeout(timer)
          act()
        }
        request.on('error', (error) => settle(() => reject(error)))
        request.on('response', (response) => {
          readAnswer(response).then(
            (opinion) => settle(() => resolve(opinion)),
            (error: unknown) => {
              request.destroy()
              settle(() => reject(error instanceof Error ? error : failure('answer')))
            },
          )
        })
        request.end(question.message)
      }),
    close: () => agent.destroy(),
  }
}

const failure = (why: string): Error =>
  Object.assign(new Error(`rspamd: ${why}`), { code: `RSPAMD_${why.toUpperCase()}` })

/** Bytes of UTF-8 as header text (one character per byte), without what would end the line. */
const headerText = (text: string): string => Buffer.from(text.replace(/[\p{Cc}]/gu, ''), 'utf8').toString('latin1')

async function readAnswer(response: IncomingMessage): Promise<SpamOpinion> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MOST) throw failure('length')
    chunks.push(chunk)
  }
  if (response.statusCode !== 200) throw failure('status')
  return readOpinion(Buffer.concat(chunks).toString('utf8'))
}

/** Reads rspamd's JSON. Throws on anything that is not its answer. */
export function readOpinion(text: string): SpamOpinion {
  const answer: unknown = JSON.parse(text)
  if (typeof answer !== 'object' || answer === null || !('score' in answer) || !('action' in answer))
    throw failure('answer')
  const { score, action } = answer
  if (typeof score !== 'number' || !Number.isFinite(score) || typeof action !== 'string') throw failure('answer')
  const required =
    'required_score' in answer && typeof answer.required_score === 'number' ? answer.required_score : Number.NaN
  return { score, forced: action === 'reject' && !(score >= required) }
}
