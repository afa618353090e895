import { z } from 'zod'
import { Fault } from '#lib/errors'
import { COOKIES, readCookie } from '#server/auth/cookies'
import { fromOwnPage } from '#server/auth/same-origin'
import { accountId, folderPath, reason, tenantId } from '#server/routers/input'
import { type AccountTarget, type Actor, ownAccount, type ServiceContext } from '#server/services'
import { exportMbox, type MboxExport } from '#server/services/export/mbox'
import { readAttachment, readAttachments } from '#server/services/mail/read-attachment'
import { type AttachmentView, readMessage } from '#server/services/mail/read-message'
import { readSession } from '#server/services/session/read-session'
import type { WebBackend } from '#server/web/backend'
import { attachmentDisposition } from '#server/web/content-disposition'
import { faultResponse } from '#server/web/http-fault'
import { type InlinePicture, isPicture, messageDocument } from '#server/web/message-document'

const PLACE = { folder: folderPath, uid: z.coerce.number().int().min(1).max(4_294_967_295) }
const MESSAGE = z.strictObject(PLACE)
const ATTACHMENT = z.strictObject({ ...PLACE, index: z.coerce.number().int().min(0).max(10_000) })
const OTHERS = z.strictObject({ account: accountId, tenant: tenantId.optional(), reason })

/** Pictures shown inside one message: enough for any letter, and a bound on what one page costs. */
const PICTURES_MOST = 50
const PICTURE_BYTES_MOST = 10 * 1024 * 1024

/** The answers that are files or documents rather than procedures. Each asks for the session by itself and calls one service. */
export function createDownloads(
  ctx: ServiceContext,
  origins: readonly string[],
): Pick<WebBackend, 'mbox' | 'messageDocument' | 'attachment'> {
  const guarded = async (request: Request, work: (actor: Actor) => Promise<Response>): Promise<Response> => {
    try {
      const site = request.headers.get('sec-fetch-site')
      const own = request.method === 'POST' ? fromOwnPage(request.headers, origins) : site !== 'cross-site'
      if (!own) throw new Fault('FORBIDDEN', 'This request did not come from this site.')
      const token = readCookie(request.headers.get('cookie'), COOKIES.session)
      const session = token === null ? null : await readSession(ctx, token)
      if (!session) throw new Fault('UNAUTHENTICATED', 'Please sign in.')
      return await work(session.actor)
    } catch (error) {
      return faultResponse(error, ctx.log)
    }
  }
  return {
    mbox: (request) => guarded(request, (actor) => mbox(ctx, actor, request)),
    messageDocument: (request, at) => guarded(request, (actor) => htmlOf(ctx, actor, parse(MESSAGE, at))),
    attachment: (request, at) =>
      guarded(request, async (actor) => {
        const input = { ...parse(ATTACHMENT, at), ...ownOr404(actor) }
        const { filename, content } = await readAttachment(ctx, actor, input)
        return download(new Uint8Array(content), filename, 'application/octet-stream')
      }),
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw new Fault('BAD_REQUEST', 'This address names no message of yours.')
  return result.data
}

function ownOr404(actor: Actor): AccountTarget {
  const own = ownAccount(actor)
  if (!own) throw new Fault('NOT_FOUND', 'There is no such message.')
  return own
}

/** One's own mail, or with the fields of OTHERS that of an account one administers; its owner reads the reason on the ledger. */
async function mbox(ctx: ServiceContext, actor: Actor, request: Request): Promise<Response> {
  const form = request.method === 'POST' ? Object.fromEntries(new URLSearchParams(await request.text())) : {}
  const target = Object.keys(form).length === 0 ? ownOr404(actor) : targetOf(actor, parse(OTHERS, form))
  const mail = await exportMbox(ctx, actor, target)
  return download(streamOf(mail), 'mail.mbox', 'application/mbox')
}

function targetOf(actor: Actor, form: z.output<typeof OTHERS>): AccountTarget & { reason: string } {
  const tenant = form.tenant ?? ownAccount(actor)?.tenantId
  if (!tenant) throw new Fault('BAD_REQUEST', 'Name the organisation of the account.', { field: 'tenant' })
  return { tenantId: tenant, accountId: form.account, reason: form.reason }
}

/** The export as a body, made as fast as it is read. The mailbox's keys are forgotten after the last byte, and when the reader goes away before. */
function streamOf(mail: MboxExport): ReadableStream<Uint8Array> {
  const chunks = mail.all()[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await chunks.next()
        if (!done) return controller.enqueue(value)
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      mail.close()
    },
    cancel: async () => {
      await chunks.return?.()
      mail.close()
    },
  })
}

async function htmlOf(ctx: ServiceContext, actor: Actor, at: z.output<typeof MESSAGE>): Promise<Response> {
  const input = { ...at, ...ownOr404(actor) }
  const message = await readMessage(ctx, actor, input)
  if (message.html === null) throw new Fault('NOT_FOUND', 'This message has no formatted text.')
  const pictures = await picturesOf(ctx, actor, input, message.attachments, message.html)
  return new Response(messageDocument(message.html, pictures), {
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })
}

async function picturesOf(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & z.output<typeof MESSAGE>,
  attachments: readonly AttachmentView[],
  html: string,
): Promise<InlinePicture[]> {
  if (!/\bcid:/i.test(html)) return []
  const ids = new Map<number, string>()
  let bytes = 0
  for (const { contentId, mimeType, size, index } of attachments) {
    if (contentId === null || !isPicture(mimeType) || bytes + size > PICTURE_BYTES_MOST) continue
    if (ids.size >= PICTURES_MOST) break
    bytes += size
    ids.set(index, contentId)
  }
  if (ids.size === 0) return []
  // In one go: opening a large message anew for each of its pictures would let a stranger's mail stop this process for minutes.
  const found = await readAttachments(ctx, actor, { ...input, indexes: [...ids.keys()] })
  return found.map(({ index, mimeType, content }) => ({ contentId: ids.get(index) ?? '', mimeType, content }))
}

const download = (body: Uint8Array<ArrayBuffer> | ReadableStream, filename: string, type: string): Response =>
  new Response(body, { headers: { 'content-type': type, 'content-disposition': attachmentDisposition(filename) } })
