/**
 * Text as the collation i;unicode-casemap compares it (RFC 5051; RFC 5255 asks for it in SEARCH, SORT and THREAD): capitals, decomposed.
 * "É", "é" and its two-part spelling become one. Apply it to both sides and look for one in the other.
 */
export function fold(text: string): string {
  const capitals = text.toUpperCase()
  return BEYOND_ASCII.test(capitals) ? capitals.normalize('NFKD').toUpperCase() : capitals
}

const BEYOND_ASCII = /[\u0080-\uffff]/

/** Longest sort key, in octets: what agrees so far counts as equal. Without a bound, 50,000 subjects of 16 KB would stand in memory. */
const KEY_BYTES = 256

/**
 * The sort key of a text: `<` and `===` on keys give the order of i;unicode-casemap, which compares octets of UTF-8. The key is a copy,
 * since a slice of a header would keep the whole header in memory.
 */
export function sortKey(text: string): string {
  const bytes = Buffer.from(fold(text.length > KEY_BYTES ? text.slice(0, KEY_BYTES) : text), 'utf8')
  return bytes.toString('latin1', 0, Math.min(bytes.length, KEY_BYTES))
}
