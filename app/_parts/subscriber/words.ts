const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** A size as people read it: "1.8 MB". Steps of 1,024, as quotas are set; one digit below 10, none for whole numbers. */
export function sizeWords(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_024
    unit++
  }
  const words = value >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')
  return `${words} ${bytes === 1 ? 'byte' : UNITS[unit]}`
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
  return `A message you delete stays recoverable for ${dayWords(days)}. Then its text, its subject and its key are destroyed, and nobody can bring it back.`
}
