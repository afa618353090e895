/** Every right of RFC 4314 section 2.1, in its order. */
export const RIGHTS = 'lrswipkxtea'

/** The rights of RFC 2086 and what they stand for here (RFC 4314 section 2.1.1): "create" is k and x, "delete" is t and e. */
const OBSOLETE: Readonly<Record<string, string>> = { c: 'kx', d: 'te' }

/** Rights as a client writes them, obsolete letters opened; undefined when a letter is no right, which is BAD (section 3.1). */
export function readRights(letters: string): string | undefined {
  let rights = ''
  for (const letter of letters) {
    if (RIGHTS.includes(letter)) rights += letter
    else if (Object.hasOwn(OBSOLETE, letter)) rights += OBSOLETE[letter]
    else return undefined
  }
  return canonical(rights)
}

/** Each letter once, in the order of the alphabet, as grants are kept. */
export const canonical = (rights: string): string => [...new Set(rights)].sort().join('')

/** Rights as they are told: with "c" and "d" wherever one of their members is there (section 2.1.1). */
export function rightsText(rights: string): string {
  const letters = [...RIGHTS].filter((letter) => rights.includes(letter))
  for (const [letter, members] of Object.entries(OBSOLETE)) {
    if ([...members].some((member) => rights.includes(member))) letters.push(letter)
  }
  return letters.length === 0 ? '""' : letters.join('')
}
