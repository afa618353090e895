const BROWSERS = [
  ['Edge', /Edg(?:e|A|iOS)?\//],
  ['Opera', /OPR\//],
  ['Firefox', /(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|CriOS|Chromium)\//],
  ['Safari', /Safari\//],
] as const
const SYSTEMS = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad|iPod/],
  ['Windows', /Windows/],
  ['macOS', /Macintosh/],
  ['Linux', /Linux|X11/],
] as const

/** Browser family and system in a few words, such as "Firefox on Linux": enough to know one's own session, too little to tell people apart. */
export function deviceOf(userAgent: string | undefined): string {
  const agent = (userAgent ?? '').slice(0, 500)
  const browser = BROWSERS.find(([, pattern]) => pattern.test(agent))?.[0] ?? 'A browser'
  const system = SYSTEMS.find(([, pattern]) => pattern.test(agent))?.[0]
  return system ? `${browser} on ${system}` : browser
}
