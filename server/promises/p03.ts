import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p03: PolicyPromise = {
  id: 'P3',
  statement: 'Sign-up asks for little: an address, a password, any name; nothing is stored before the last step.',
  check: async () => notBuilt('Sign-up by oneself is not open yet: accounts are made by those who run the domain.'),
}
