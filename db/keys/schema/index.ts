import { integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/types'

/**
 * Every long-lived key, wrapped, in a database of its own. `scope_id` is the tenant (or, for a reseller's key, the reseller); `owner_id` whose key it
 * is: the scope itself or an account. Destroying a row is erasure: nothing sealed under it can be opened again.
 */
export const wrappedKey = pgTable(
  'wrapped_key',
  {
    scopeId: uuid('scope_id').notNull(),
    ownerId: uuid('owner_id').notNull(),
    purpose: text('purpose')
      .$type<'tenant' | 'queue' | 'reseller' | 'operator' | 'profile' | 'mailbox' | 'dkim' | 'log'>()
      .notNull(),
    version: integer('version').notNull(),
    /** What wraps it: the root key, the tenant key, and for sealed mailboxes a password, an app password or a recovery code. */
    wrapper: text('wrapper').$type<'root' | 'tenant' | 'password' | 'app' | 'recovery'>().notNull(),
    /** Which one of several wrappers: the credential's id, or the nil UUID. */
    wrapperId: uuid('wrapper_id').notNull(),
    wrapperVersion: integer('wrapper_version').notNull(),
    wrapped: bytea('wrapped').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.scopeId, t.ownerId, t.purpose, t.version, t.wrapper, t.wrapperId] })],
)
