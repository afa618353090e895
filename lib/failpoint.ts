/**
 * Places where a process can be made to die, to show that nothing is lost there. Armed by MAILTIGHT_FAILPOINTS, such as `before-commit=0.01,after-commit=0.02`
 * (the chance of each pass), and never in production.
 */
export type Failpoint =
  /** The whole message is there, nothing is stored. */
  | 'after-data'
  /** Everything is in the transaction, which has not ended. */
  | 'before-commit'
  /** It is committed; whoever handed it in has not heard. */
  | 'after-commit'
  /** Another server has taken it; nobody has noted that. */
  | 'after-remote'
  /** An APPEND is committed; its client has not heard. */
  | 'after-append'
  /** A bounce is stored; what it tells of still waits. */
  | 'after-bounce'

/** The chances that a text arms; none of what it cannot mean, and none at all in production. */
export function parseFailpoints(text: string | undefined, nodeEnv: string | undefined): ReadonlyMap<string, number> {
  if (!text || nodeEnv === 'production') return new Map()
  return new Map(
    text.split(',').flatMap((part): [string, number][] => {
      const [name = '', chance] = part.split('=')
      const value = Number(chance)
      return value > 0 && value <= 1 ? [[name.trim(), value]] : []
    }),
  )
}

const armed = parseFailpoints(process.env.MAILTIGHT_FAILPOINTS, process.env.NODE_ENV)

/** Ends this process at once, as a power cut would, where the point is armed and the lot falls so. */
export function failpoint(name: Failpoint): void {
  if (armed.size === 0) return
  const chance = armed.get(name)
  if (chance !== undefined && Math.random() < chance) process.kill(process.pid, 'SIGKILL')
}
