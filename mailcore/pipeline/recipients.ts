import type { Directory, Resolution } from '#mailcore/ports'

export interface Recipients {
  resolve(address: string): Promise<Resolution>
}

/** Most addresses asked for at once, so that one query stays small. */
const BATCH_MOST = 200

/**
 * Asks the directory once for what all sessions ask within one turn of the event loop: at 2,500 messages a second this
 * is what keeps recipients from costing a query each. Nothing is kept after the answer, so a suspension counts at once.
 */
export function createRecipients(directory: Pick<Directory, 'resolve'>): Recipients {
  let waiting = new Map<string, Waiting>()
  const ask = async (batch: Map<string, Waiting>) => {
    const all = [...batch.values()]
    try {
      const found = await directory.resolve([...batch.keys()])
      for (const [i, one] of all.entries()) {
        const resolution = found[i]
        if (resolution) one.settle(resolution)
        else one.fail(new Error('directory answered too little'))
      }
    } catch (error) {
      for (const one of all) one.fail(error)
    }
  }
  return {
    resolve(address) {
      const known = waiting.get(address)
      if (known) return known.promise
      let settle: Waiting['settle'] = () => undefined
      let fail: Waiting['fail'] = () => undefined
      const promise = new Promise<Resolution>((resolve, reject) => {
        settle = resolve
        fail = reject
      })
      if (waiting.size === 0) {
        setImmediate(() => {
          const batch = waiting
          waiting = new Map()
          void ask(batch)
        })
      }
      waiting.set(address, { promise, settle, fail })
      if (waiting.size >= BATCH_MOST) {
        const batch = waiting
        waiting = new Map()
        void ask(batch)
      }
      return promise
    },
  }
}

interface Waiting {
  promise: Promise<Resolution>
  settle: (resolution: Resolution) => void
  fail: (error: unknown) => void
}
