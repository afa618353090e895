import { queueAct } from '#bin/cli/queue-act'

/** `mailtight queue hold --tenant T [--id ID]` */
export const run = queueAct('hold')
