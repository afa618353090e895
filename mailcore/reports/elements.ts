import { SaxesParser } from 'saxes'
import { REPORT_LIMITS } from './limits'
import { refusalOf, unfit } from './refusal'

/** Called at the end of every element: where it stands (`feedback/record/row/count`) and its own text, trimmed and cut. */
export type OnElement = (path: string, text: string) => void

export interface ElementReader {
  /** UTF-8 bytes as they come; a character may be split. Throws a refusal. */
  write(chunk: Uint8Array): void
  end(): void
}

/**
 * Reads XML as a flat stream of leaves, bounded in depth, elements, attributes and text. A DOCTYPE is refused, so that there are no entities to expand and
 * none to fetch (S-15): the parser knows the five of XML itself and reaches for nothing.
 */
export function createElementReader(onElement: OnElement): ElementReader {
  const parser = new SaxesParser({ xmlns: false, position: false })
  const decoder = new TextDecoder('utf-8')
  const names: string[] = []
  let text = ''
  let elements = 0
  let attributes = 0
  const addText = (more: string) => {
    if (text.length < REPORT_LIMITS.textChars) text += more.slice(0, REPORT_LIMITS.textChars - text.length)
  }
  parser.on('doctype', () => {
    throw unfit('doctype')
  })
  parser.on('opentagstart', ({ name }) => {
    attributes = 0
    if (++elements > REPORT_LIMITS.elements) throw unfit('too-many-records')
    if (names.length >= REPORT_LIMITS.depth) throw unfit('too-deep')
    // Some reports carry a namespace prefix; the names mean the same.
    names.push(name.slice(name.indexOf(':') + 1, name.indexOf(':') + 65))
    text = ''
  })
  parser.on('attribute', () => {
    if (++attributes > REPORT_LIMITS.attributes) throw unfit('broken-xml')
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    onElement(names.join('/'), text.trim())
    names.pop()
    text = ''
  })
  return {
    write: (chunk) => step(() => parser.write(decoder.decode(chunk, { stream: true }))),
    end: () => step(() => parser.write(decoder.decode()).close()),
  }
}

/** What is not well-formed makes the parser throw; that, and not what it quotes, is what we say of it. */
function step(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    throw refusalOf(error) ? error : unfit('broken-xml')
  }
}
