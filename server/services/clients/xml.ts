const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for XML, in elements and attributes; what XML 1.0 cannot hold at all is left out. */
export const xmlText = (text: string): string =>
  [...text]
    .filter((c) => {
      const code = c.codePointAt(0) ?? 0
      return code >= 32 && code !== 127
    })
    .join('')
    .replace(/[&<>"']/g, (c) => ENTITIES[c] ?? '')
