/**
 * `Content-Disposition: attachment` with a name that a stranger chose (RFC 6266 section 4.3, RFC 8187): an ASCII form for old
 * programs and the whole one in UTF-8. Path separators, control characters and what changes the direction of writing (a name that reads `gpj.exe`
 * backwards) are taken out.
 */
export function attachmentDisposition(filename: string): string {
  const clean = filename
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
  // By code points: half of a surrogate pair cannot be encoded.
  const name = [...clean].slice(0, 150).join('') || 'attachment'
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/[%"\\]/g, '_')
  const extended = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`
}
