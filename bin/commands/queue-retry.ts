import { queueAct } from '#bin/cli/queue-act'

/** `mailtight queue retry --tenant T [--id ID]` */
export const run = queueAct('retry')
