const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** A size as people read it, in steps of 1,000: "1.8 MB". Whole numbers from 10 on. */
export function sizeWords(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000
    unit++
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${bytes === 1 ? 'byte' : UNITS[unit]}`
}

/** "1 message", "1,204 messages". */
export const countWords = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`

/** "1 day", "14 days". */
export const dayWords = (days: number): string => countWords(days, 'day', 'days')

/** What a number of days means for mail one deletes from now on. */
export function retentionMeaning(days: number): string {
  if (days === 0)
    return 'A message you delete is destroyed at once, with its key. Nobody can bring it back, and neither can we.'
  return `A message you delete stays recoverable for ${dayWords(days)}. Then its text, its search entries and its key are destroyed, and nobody can bring it back.`
}
