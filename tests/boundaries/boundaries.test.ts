import { describe, expect, it } from 'vitest'
import { circles, importsOf, readSources, violations } from '#tests/boundaries/rules'

const files = readSources(process.cwd())

describe('the doors of the house', () => {
  it('are all kept', () => {
    expect(files.size).toBeGreaterThan(200)
    expect(violations(files)).toEqual([])
  })

  it('lead in no circle', () => {
    expect(circles(files)).toEqual([])
  })

  it.each([
    ['lib/x.ts', '#db/client'],
    ['db/x.ts', '#mailcore/ports'],
    ['db/x.ts', '#server/access'],
    ['mailcore/proto/x.ts', '#mailcore/store/sealing'],
    ['mailcore/proto/x.ts', 'node:fs'],
    ['mailcore/smtp/x.ts', '#db/client'],
    ['mailcore/smtp/x.ts', 'postgres'],
    ['mailcore/imap/x.ts', '#mailcore/store/mail-store'],
    ['mailcore/deliver/x.ts', '#mailcore/queue/queue'],
    ['mailcore/store/x.ts', '#mailcore/smtp/mx'],
    ['mailcore/pipeline/x.ts', '#mailcore/smtp/reply'],
    ['mailcore/keys/x.ts', '#server/access'],
    ['mailcore/queue/x.ts', 'next'],
    ['server/x.ts', '#mailcore/store/mail-store'],
    ['server/services/x.ts', 'drizzle-orm'],
    ['server/services/x.ts', 'react'],
    ['app/x.tsx', '#db/client'],
    ['app/x.tsx', '#mailcore/api'],
    ['bin/x.ts', '#mailcore/store/mail-store'],
    ['bin/x.ts', 'wildduck/imap-core'],
  ])('%s may not import %s', (path, name) => {
    expect(violations(new Map([[path, `import { y } from '${name}'\n`]]))).toHaveLength(1)
  })

  it('finds a circle, also one of types', () => {
    const pair = new Map([
      ['lib/a.ts', "import type { B } from '#lib/b'"],
      ['lib/b.ts', "export * from './a'"],
    ])
    expect(circles(pair)).toHaveLength(1)
  })

  it('reads every form of import', () => {
    expect(
      importsOf(
        "import 'a'\nimport b from 'b'\nimport {\n c,\n} from 'c'\nexport * from 'd'\nconst e = await import('e')\nimport type { F } from 'f'",
      ),
    ).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })
})
