// What the start scripts say, and how they fail: a line a step, one sentence for a failure.

/** A failure whose message is meant for the person at the terminal. */
export class Sentence extends Error {}

/** A step of the start, on standard error so that standard output stays free for results. */
export const say = (line) => process.stderr.write(`  ${line}\n`)

/** Any failure as one sentence: the common causes by name, never a stack. */
export function sentenceOf(error) {
  if (error instanceof Sentence) return error.message
  const code = error?.code
  const where = error?.path ?? error?.dest ?? 'this directory'
  if (code === 'ENOSPC' || /ENOSPC|No space left/i.test(error?.message ?? '')) {
    return 'The disk is full: free some space and start again.'
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `Permission denied at ${where}: the user who starts MailTight must be allowed to write there.`
  }
  return `The start failed: ${String(error?.message ?? error).split('\n')[0]}`
}

/** Runs an entry script: prints the sentence of a failure and ends with 1. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    process.stderr.write(`mailtight: ${sentenceOf(error)}\n`)
    process.exitCode = 1
  }
}
