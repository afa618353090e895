/**
 * Did our own page send this? `Origin` must be one of ours and, where the browser says so, the request same-origin (W-07).
 * A request that changes something always carries Origin in every browser that speaks TLS 1.2.
 */
export function fromOwnPage(headers: Headers, origins: readonly string[]): boolean {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  return origin !== null && origins.includes(origin) && (site === null || site === 'same-origin' || site === 'none')
}
