import type { CommandContext } from '#bin/cli/command'
import { Fault } from '#lib/errors'
import type { QueueId, TenantId } from '#lib/ids'
import { SYSTEM } from '#server/services'
import { changeQueue } from '#server/services/queue/change'

/** `mailtight queue reroute --tenant T --id ID [--to HOST:PORT]`: without --to by the DNS again. Prints `{changed}`. */
export async function run({ services, options }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const { tenant = '', id = '', to } = options
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(to ?? '') ?? []
  if (to !== undefined && host === undefined)
    throw new Fault('BAD_REQUEST', '--to must be a host and a port: mx.example:25.')
  const route = host === undefined ? {} : { to: { host, port: Number(port) } }
  return changeQueue(ctx, SYSTEM, { tenantId: tenant as TenantId, act: 'reroute', queueId: id as QueueId, ...route })
}
