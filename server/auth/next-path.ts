const BASE = 'https://here.invalid'

/**
 * Where to go after signing in: a path of ours, or `otherwise`. Whatever a browser could read as another host (`//x`, `/\x`, a
 * scheme, control characters) is not a path of ours.
 */
export function nextPath(wanted: string | null | undefined, otherwise = '/'): string {
  if (!wanted || wanted.length > 2_000 || !wanted.startsWith('/') || /[\\\s\p{Cc}]/u.test(wanted)) return otherwise
  const url = URL.canParse(wanted, BASE) ? new URL(wanted, BASE) : null
  if (url?.origin !== BASE || url.pathname.startsWith('//') || url.pathname.startsWith('/api/')) return otherwise
  return `${url.pathname}${url.search}`
}
