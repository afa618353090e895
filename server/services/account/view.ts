import type { Person } from '#server/directory-cache'

/** An account as lists and pages show it. */
export type AccountView = Person
