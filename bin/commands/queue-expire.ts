import { queueAct } from '#bin/cli/queue-act'

/** `mailtight queue expire --tenant T --id ID` */
export const run = queueAct('expire')
