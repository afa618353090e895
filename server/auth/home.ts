import type { Actor } from '#server/services'

/** The first page of each kind of person. */
export function homeOf(kind: Actor['kind']): string {
  switch (kind) {
    case 'operator':
    case 'system':
      return '/operator'
    case 'reseller':
      return '/partner'
    case 'domain-admin':
      return '/console'
    case 'subscriber':
      return '/dashboard'
  }
}
