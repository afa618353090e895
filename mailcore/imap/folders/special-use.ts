import type { SpecialUse } from '#mailcore/ports'

const ATTRIBUTES: Readonly<Record<Exclude<SpecialUse, 'inbox'>, string>> = {
  drafts: '\\Drafts',
  sent: '\\Sent',
  junk: '\\Junk',
  trash: '\\Trash',
  archive: '\\Archive',
}

/** Special uses by their attribute in lower case (RFC 6154 section 2). \All, \Flagged and \Important are views, which we have none of. */
export const USE_OF: ReadonlyMap<string, SpecialUse> = new Map(
  Object.entries(ATTRIBUTES).map(([use, attribute]) => [attribute.toLowerCase(), use as SpecialUse]),
)

/** The attribute of a special use; INBOX is known by its name alone. */
export const attributeOf = (use: SpecialUse | null): string | undefined =>
  use === null || use === 'inbox' ? undefined : ATTRIBUTES[use]
