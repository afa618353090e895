/**
 * Text of a stranger (a remote server's reply, a HELO name) made fit for one line of a header or report: printable ASCII,
 * no line break, bounded. CVE-2020-8794 put commands, others put headers, into bounces that way (S-09).
 */
export function oneLine(text: string, characters: number): string {
  return text
    .slice(0, characters * 2)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, characters)
}

/** A host name or address literal for a Received field: everything but its letters becomes `_`. */
export const hostToken = (text: string): string => text.slice(0, 255).replace(/[^A-Za-z0-9.:_[\]-]/g, '_') || 'unknown'
