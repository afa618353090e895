import type { DnsView } from '#server/services/dns/read'

/** A zone file as a download; whatever keeps it from being read is answered as absent. */
export async function zoneResponse(view: Promise<DnsView>): Promise<Response> {
  const found = await view.catch(() => null)
  if (!found) return new Response('There is nothing here.', { status: 404 })
  return new Response(found.zone, {
    headers: {
      // RFC 4027
      'content-type': 'text/dns; charset=utf-8',
      'content-disposition': `attachment; filename="${found.domain.name}.zone"`,
    },
  })
}
