/** What a tag takes and what it needs. */
export interface TagSpec {
  arg: 'none' | 'string' | 'strings' | 'number'
  /** Extension besides that of the command */
  needs?: string
  /** At most one tag of a group may stand */
  group?: string
}

/** The shape of one command or test (RFC 5228 2.6, 2.9). */
export interface Spec {
  /** Extensions of which one must be required; none for the base language */
  needs: readonly string[]
  tags: Readonly<Record<string, TagSpec>>
  /** Positional arguments; more than one row where leading ones may be left out */
  args: readonly (readonly ('string' | 'strings' | 'number')[])[]
  tests: 'none' | 'one' | 'list'
  /** Commands only */
  block: boolean
  /** Tags of which one must stand */
  oneOf?: readonly string[]
}

const MATCHING: Readonly<Record<string, TagSpec>> = {
  ':comparator': { arg: 'string' },
  ':is': { arg: 'none', group: 'match type' },
  ':contains': { arg: 'none', group: 'match type' },
  ':matches': { arg: 'none', group: 'match type' },
  ':regex': { arg: 'none', group: 'match type', needs: 'regex' },
  ':count': { arg: 'string', group: 'match type', needs: 'relational' },
  ':value': { arg: 'string', group: 'match type', needs: 'relational' },
}

const ADDRESS_PART: Readonly<Record<string, TagSpec>> = {
  ':all': { arg: 'none', group: 'address part' },
  ':localpart': { arg: 'none', group: 'address part' },
  ':domain': { arg: 'none', group: 'address part' },
  ':user': { arg: 'none', group: 'address part', needs: 'subaddress' },
  ':detail': { arg: 'none', group: 'address part', needs: 'subaddress' },
}

const INDEXING: Readonly<Record<string, TagSpec>> = {
  ':index': { arg: 'number', needs: 'index' },
  ':last': { arg: 'none', needs: 'index' },
}

const ZONE: TagSpec = { arg: 'string', group: 'time zone' }
const COPY: TagSpec = { arg: 'none', needs: 'copy' }
const FLAGS: TagSpec = { arg: 'strings', needs: 'imap4flags' }

const spec = (args: Spec['args'], more: Partial<Spec> = {}): Spec => ({
  needs: [],
  tags: {},
  tests: 'none',
  block: false,
  ...more,
  args,
})

const MODIFIERS: Readonly<Record<string, TagSpec>> = {
  ':lower': { arg: 'none', group: 'modifier of precedence 40' },
  ':upper': { arg: 'none', group: 'modifier of precedence 40' },
  ':lowerfirst': { arg: 'none', group: 'modifier of precedence 30' },
  ':upperfirst': { arg: 'none', group: 'modifier of precedence 30' },
  ':quotewildcard': { arg: 'none', group: 'modifier of precedence 20' },
  ':quoteregex': { arg: 'none', group: 'modifier of precedence 20', needs: 'regex' },
  ':length': { arg: 'none', group: 'modifier of precedence 10' },
}

/** Every command, by name. */
export const COMMANDS: ReadonlyMap<string, Spec> = new Map([
  // RFC 5228 3 and 4
  ['require', spec([['strings']])],
  ['if', spec([[]], { tests: 'one', block: true })],
  ['elsif', spec([[]], { tests: 'one', block: true })],
  ['else', spec([[]], { block: true })],
  ['stop', spec([[]])],
  ['keep', spec([[]], { tags: { ':flags': FLAGS } })],
  ['discard', spec([[]])],
  ['redirect', spec([['string']], { tags: { ':copy': COPY } })],
  [
    'fileinto',
    spec([['string']], {
      needs: ['fileinto'],
      tags: {
        ':copy': COPY,
        ':flags': FLAGS,
        ':create': { arg: 'none', needs: 'mailbox' },
        ':specialuse': { arg: 'string', needs: 'special-use' },
        ':mailboxid': { arg: 'string', needs: 'mailboxid' },
      },
    }),
  ],
  // RFC 5429
  ['reject', spec([['string']], { needs: ['reject'] })],
  ['ereject', spec([['string']], { needs: ['ereject'] })],
  // RFC 5230 4, RFC 6131 2
  [
    'vacation',
    spec([['string']], {
      needs: ['vacation'],
      tags: {
        ':days': { arg: 'number', group: 'period' },
        ':seconds': { arg: 'number', group: 'period', needs: 'vacation-seconds' },
        ':subject': { arg: 'string' },
        ':from': { arg: 'string' },
        ':addresses': { arg: 'strings' },
        ':mime': { arg: 'none' },
        ':handle': { arg: 'string' },
      },
    }),
  ],
  // RFC 5232 3
  ['setflag', spec([['strings'], ['string', 'strings']], { needs: ['imap4flags'] })],
  ['addflag', spec([['strings'], ['string', 'strings']], { needs: ['imap4flags'] })],
  ['removeflag', spec([['strings'], ['string', 'strings']], { needs: ['imap4flags'] })],
  // RFC 5229 4
  ['set', spec([['string', 'string']], { needs: ['variables'], tags: MODIFIERS })],
  // RFC 6609 3
  [
    'include',
    spec([['string']], {
      needs: ['include'],
      tags: {
        ':personal': { arg: 'none', group: 'location' },
        ':global': { arg: 'none', group: 'location' },
        ':once': { arg: 'none' },
        ':optional': { arg: 'none' },
      },
    }),
  ],
  ['return', spec([[]], { needs: ['include'] })],
  ['global', spec([['strings']], { needs: ['include'] })],
  // RFC 5463 5
  ['error', spec([['string']], { needs: ['ihave'] })],
])

/** Every test, by name. */
export const TESTS: ReadonlyMap<string, Spec> = new Map([
  // RFC 5228 5
  ['true', spec([[]])],
  ['false', spec([[]])],
  ['not', spec([[]], { tests: 'one' })],
  ['allof', spec([[]], { tests: 'list' })],
  ['anyof', spec([[]], { tests: 'list' })],
  ['exists', spec([['strings']])],
  [
    'size',
    spec([['number']], {
      tags: { ':over': { arg: 'none', group: 'size limit' }, ':under': { arg: 'none', group: 'size limit' } },
      oneOf: [':over', ':under'],
    }),
  ],
  ['header', spec([['strings', 'strings']], { tags: { ...MATCHING, ...INDEXING } })],
  ['address', spec([['strings', 'strings']], { tags: { ...MATCHING, ...ADDRESS_PART, ...INDEXING } })],
  ['envelope', spec([['strings', 'strings']], { needs: ['envelope'], tags: { ...MATCHING, ...ADDRESS_PART } })],
  // RFC 5229 5
  ['string', spec([['strings', 'strings']], { needs: ['variables'], tags: MATCHING })],
  // RFC 5232 4
  ['hasflag', spec([['strings'], ['strings', 'strings']], { needs: ['imap4flags'], tags: MATCHING })],
  // RFC 5173 4
  [
    'body',
    spec([['strings']], {
      needs: ['body'],
      tags: {
        ...MATCHING,
        ':raw': { arg: 'none', group: 'body transform' },
        ':content': { arg: 'strings', group: 'body transform' },
        ':text': { arg: 'none', group: 'body transform' },
      },
    }),
  ],
  // RFC 5260 4
  [
    'date',
    spec([['string', 'string', 'strings']], {
      needs: ['date'],
      tags: {
        ...MATCHING,
        ...INDEXING,
        ':zone': ZONE,
        ':originalzone': { arg: 'none', group: 'time zone' },
      },
    }),
  ],
  ['currentdate', spec([['string', 'strings']], { needs: ['date'], tags: { ...MATCHING, ':zone': ZONE } })],
  // RFC 5490 3.1, RFC 8579 4, RFC 9042 4
  ['mailboxexists', spec([['strings']], { needs: ['mailbox'] })],
  ['specialuse_exists', spec([['strings'], ['string', 'strings']], { needs: ['special-use'] })],
  ['mailboxidexists', spec([['strings']], { needs: ['mailboxid'] })],
  // RFC 7352 3
  [
    'duplicate',
    spec([[]], {
      needs: ['duplicate'],
      tags: {
        ':handle': { arg: 'string' },
        ':header': { arg: 'string', group: 'unique id' },
        ':uniqueid': { arg: 'string', group: 'unique id' },
        ':seconds': { arg: 'number' },
        ':last': { arg: 'none' },
      },
    }),
  ],
  // RFC 5183 4
  ['environment', spec([['string', 'strings']], { needs: ['environment'], tags: MATCHING })],
  // RFC 5463 4
  ['ihave', spec([['strings']], { needs: ['ihave'] })],
])
