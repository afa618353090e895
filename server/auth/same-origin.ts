/**
 * Did a script of our own pages send this? `Origin` must be one of ours and, where the browser says so, the request same-origin
 * (W-07). Every browser that speaks TLS 1.2 sends Origin with a fetch that is no GET.
 */
export function fromOwnScript(headers: Headers, origins: readonly string[]): boolean {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  return origin !== null && origins.includes(origin) && (site === null || site === 'same-origin' || site === 'none')
}

/**
 * The same for plain forms: under our `Referrer-Policy: no-referrer` a form's Origin is `null` (Fetch, "append a request Origin
 * header"), so there the browser's own word, which no page can forge, has to do.
 */
export const fromOwnPage = (headers: Headers, origins: readonly string[]): boolean =>
  fromOwnScript(headers, origins) ||
  (headers.get('origin') === 'null' && headers.get('sec-fetch-site') === 'same-origin')
