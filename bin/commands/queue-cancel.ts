import { queueAct } from '#bin/cli/queue-act'

/** `mailtight queue cancel --tenant T --id ID` */
export const run = queueAct('cancel')
