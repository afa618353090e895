import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p19: PolicyPromise = {
  id: 'P19',
  statement:
    'Policy changes are posted and older versions stay in an archive; nothing detrimental applies without consent.',
  check: async () => notBuilt('There is no policy archive yet.'),
}
