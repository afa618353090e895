import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signOutEverywhere } from '#db/control/queries/account'
import type { TestAccount } from '#tests/helpers/world'
import { LineClient, startTestDoor, type TestDoor } from '../testing'

let door: TestDoor
let ann: LineClient
let bob: LineClient
let stranger: TestAccount
/** Ann's folder as bob sees it. */
let theirs: string

beforeAll(async () => {
  door = await startTestDoor()
  const { world, account, other } = door
  const house = await world.makeHouse()
  stranger = await world.makeAccount(house.tenant, { address: `eve@${house.domain}` })
  ann = await LineClient.open(door.port, account)
  bob = await LineClient.open(door.port, other)
  theirs = `"Other Users/${account.address}/Team"`
  await ann.run('CREATE Team')
  await put('Team', 'first')
}, 120_000)

afterAll(async () => {
  ann?.end()
  bob?.end()
  await door?.stop()
}, 60_000)

/** A message straight into one of ann's folders. */
async function put(path: string, text: string): Promise<void> {
  const store = await door.world.core.stores.open(door.account)
  await store.append(path, {
    raw: Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`),
    flags: [],
    receivedAt: new Date(),
  })
  store.close()
}

describe('ACL commands (RFC 4314)', () => {
  it('shows the owner alone at first, with the letters of RFC 2086 for old clients', async () => {
    expect(await ann.run('GETACL Team')).toContain(`* ACL "Team" ${door.account.address} lrswipkxteacd\r\n`)
    expect(await ann.run('MYRIGHTS Team')).toContain('* MYRIGHTS "Team" lrswipkxteacd\r\n')
  })

  it('sets, adds and takes away', async () => {
    const { address } = door.other
    const rights = async () => new RegExp(`${address} (\\S+)`).exec(await ann.run('GETACL Team'))?.[1]
    expect(await ann.run(`SETACL Team ${address} lr`)).toMatch(/OK/)
    expect(await rights()).toBe('lr')
    expect(await ann.run(`SETACL Team ${address.toUpperCase()} +ws`)).toMatch(/OK/)
    expect(await rights()).toBe('lrsw')
    expect(await ann.run(`SETACL Team ${address} -w`)).toMatch(/OK/)
    expect(await rights()).toBe('lrs')
    expect(await ann.run(`SETACL Team ${address} +cd`)).toMatch(/OK/)
    expect(await rights()).toBe('lrskxtecd')
    expect(await ann.run(`SETACL Team ${address} -c`)).toMatch(/OK/)
    expect(await rights()).toBe('lrsted')
    expect(await ann.run('SETACL Team anyone l')).toMatch(/OK/)
    expect(await ann.run('GETACL Team')).toContain('anyone l')
    expect(await ann.run(`DELETEACL Team ${address}`)).toMatch(/OK/)
    expect(await ann.run('DELETEACL Team anyone')).toMatch(/OK/)
    expect(await rights()).toBeUndefined()
    expect(await ann.run(`DELETEACL Team ${address}`)).toMatch(/OK/)
  })

  it('tells what can be granted', async () => {
    const { account, other } = door
    expect(await ann.run(`LISTRIGHTS Team ${other.address}`)).toContain(
      `* LISTRIGHTS "Team" ${other.address} "" l r s w i p k x t e a c d\r\n`,
    )
    expect(await ann.run(`LISTRIGHTS Team ${account.address}`)).toContain(
      `* LISTRIGHTS "Team" ${account.address} lrswipkxteacd\r\n`,
    )
    expect(await ann.run('LISTRIGHTS Team anyone')).toContain('anyone "" l')
  })

  it('leaves the owner every right', async () => {
    const { address } = door.account
    for (const command of [`SETACL Team ${address} lr`, `SETACL Team ${address} -a`, `DELETEACL Team ${address}`])
      expect(await ann.run(command)).toMatch(/^t\d+ NO/)
    expect(await ann.run(`SETACL Team ${address} +a`)).toMatch(/OK/)
  })

  it('answers for an account of another tenant as for nobody', async () => {
    const nobody = [`nobody@${door.other.address.split('@')[1]}`, 'someone@elsewhere.example', 'bob', '$team']
    for (const command of [
      (who: string) => `SETACL Team ${who} lr`,
      (who: string) => `DELETEACL Team ${who}`,
      (who: string) => `LISTRIGHTS Team ${who}`,
    ]) {
      const answer = (await ann.run(command(stranger.address))).replace(/^t\d+/, '')
      expect(answer).toMatch(/^ NO \[CANNOT\]/)
      for (const who of nobody) expect((await ann.run(command(who))).replace(/^t\d+/, '')).toBe(answer)
    }
    const eve = await LineClient.open(door.port, stranger)
    expect(await eve.run('LIST "" *')).not.toContain('Other Users')
    for (const command of ['SELECT', 'GETACL', 'MYRIGHTS', 'SUBSCRIBE', 'GETQUOTAROOT', 'DELETE'])
      expect(await eve.run(`${command} ${theirs}`)).toMatch(/^t\d+ NO \[NONEXISTENT\]/m)
    expect(await eve.run(`STATUS ${theirs} (MESSAGES)`)).toMatch(/NO \[NONEXISTENT\]/)
    expect(await eve.run(`GETMETADATA ${theirs} /shared/comment`)).toMatch(/NO \[NONEXISTENT\]/)
    expect(await eve.run(`SETMETADATA ${theirs} (/private/comment "x")`)).toMatch(/NO \[NONEXISTENT\]/)
    expect(await eve.run(`SETACL ${theirs} ${stranger.address} lr`)).toMatch(/NO \[NONEXISTENT\]/)
    eve.end()
  })

  it.each([
    'SETACL Team bob',
    'SETACL Team anyone lQ',
    'SETACL Team anyone lrz',
    'SETACL Team anyone ++l',
    'SETACL Team "" lr',
    'DELETEACL Team',
    'GETACL',
    'LISTRIGHTS Team',
    'MYRIGHTS',
  ])('is BAD: %s', async (line) => {
    expect(await ann.run(line)).toMatch(/^t\d+ BAD/)
  })

  it('refuses negative identifiers, and mailboxes that are not there', async () => {
    expect(await ann.run('SETACL Team -anyone lr')).toMatch(/NO/)
    expect(await ann.run('SETACL Nowhere anyone lr')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await ann.run('GETACL Nowhere')).toMatch(/NO \[NONEXISTENT\]/)
  })
})

describe('a mailbox shared with another account', () => {
  it('is not there before, and is listed, selected and read then', async () => {
    expect(await bob.run('LIST "" *')).not.toContain('Other Users')
    expect(await bob.run(`SELECT ${theirs}`)).toMatch(/NO \[NONEXISTENT\]/)
    await ann.run(`SETACL Team ${door.other.address} lr`)
    expect(await bob.run('LIST "" *')).toContain(`* LIST (\\HasNoChildren) "/" ${theirs}`)
    const above = await bob.run('LIST "" %')
    expect(above).toContain('* LIST (\\Noselect \\HasChildren) "/" "Other Users"\r\n')
    expect(await bob.run('LIST "Other Users/" %')).toContain(`"Other Users/${door.account.address}"`)
    expect(await bob.run('LIST "Other Users/" ""')).toContain('* LIST (\\Noselect) "/" "Other Users/"')
    expect(await bob.run('LIST "" %/% RETURN (CHILDREN)')).toContain(
      '* LIST (\\NonExistent \\HasChildren) "/" "Other Users/',
    )
    expect(await bob.run(`STATUS ${theirs} (MESSAGES)`)).toContain(`* STATUS ${theirs} (MESSAGES 1)`)
    expect(await bob.run(`MYRIGHTS ${theirs}`)).toContain(`* MYRIGHTS ${theirs} lr\r\n`)
    expect(await bob.run(`LIST "" ${theirs} RETURN (STATUS (MESSAGES) MYRIGHTS)`)).toMatch(
      /\(MESSAGES 1\)\r\n\* MYRIGHTS .* lr\r\n/,
    )
    expect(await bob.run(`EXAMINE ${theirs}`)).toMatch(/\* 1 EXISTS/)
    expect(await bob.run('FETCH 1 (BODY.PEEK[TEXT])')).toContain('first')
    await bob.run('CLOSE')
  })

  it('may not be changed without rights', async () => {
    await bob.run(`SELECT ${theirs}`)
    expect(await bob.run('STORE 1 +FLAGS (\\Flagged)')).toMatch(/^t\d+ NO/m)
    await bob.run('CLOSE')
    const commands = [
      `DELETE ${theirs}`,
      `RENAME ${theirs} Mine`,
      `RENAME ${theirs} ${theirs.replace('Team', 'Mine')}`,
      `CREATE ${theirs.replace('Team', 'Team/New')}`,
      `CREATE ${theirs.replace('Team', 'Elsewhere')}`,
      `SETACL ${theirs} anyone lr`,
      `SETACL ${theirs} ${door.other.address} +a`,
      `DELETEACL ${theirs} ${door.other.address}`,
      `GETACL ${theirs}`,
      `LISTRIGHTS ${theirs} anyone`,
      `SETMETADATA ${theirs} (/shared/comment "x")`,
    ]
    for (const command of commands)
      expect([command, await bob.run(command)]).toEqual([command, expect.stringMatching(/^t\d+ NO \[NOPERM\]/)])
    expect(await ann.run('STATUS Team (MESSAGES)')).toContain('(MESSAGES 1)')
  })

  it('shows its owner no quota, and keeps what each notes for themselves', async () => {
    expect(await bob.run(`GETQUOTAROOT ${theirs}`)).toMatch(/^\* QUOTAROOT "Other Users\/[^"]*"\r\nt\d+ OK/)
    await ann.run('SETMETADATA Team (/private/comment "ann\'s" /shared/comment "for all")')
    await bob.run(`SETMETADATA ${theirs} (/private/comment "bob's")`)
    expect(await bob.run(`GETMETADATA ${theirs} (/private/comment /shared/comment)`)).toContain(
      '(/private/comment "bob\'s" /shared/comment "for all")',
    )
    expect(await ann.run('GETMETADATA Team (/private/comment /shared/comment)')).toContain(
      '(/private/comment "ann\'s" /shared/comment "for all")',
    )
    expect(await bob.run('GETMETADATA (DEPTH infinity) "" (/private /shared)')).not.toContain('bob')
  })

  it('can be subscribed to', async () => {
    expect(await bob.run(`SUBSCRIBE ${theirs}`)).toMatch(/OK/)
    expect(await bob.run('LSUB "" "Other*"')).toContain(theirs)
    expect(await bob.run('LIST (SUBSCRIBED) "" "Other*"')).toContain(`(\\HasNoChildren \\Subscribed) "/" ${theirs}`)
    expect(await bob.run(`UNSUBSCRIBE ${theirs}`)).toMatch(/OK/)
    expect(await bob.run('LSUB "" "Other*"')).not.toContain(theirs)
  })

  it('can be built on with k, which gives what is made the rights of its parent', async () => {
    await ann.run(`SETACL Team ${door.other.address} +k`)
    const below = theirs.replace('Team', 'Team/Plans/2026')
    expect(await bob.run(`CREATE ${below}`)).toMatch(/OK \[MAILBOXID/)
    expect(await bob.run(`CREATE ${below}`)).toMatch(/NO \[ALREADYEXISTS\]/)
    expect(await bob.run(`CREATE ${theirs}`)).toMatch(/NO \[ALREADYEXISTS\]/)
    expect(await bob.run(`CREATE ${below.replace('2026', '2027')} (USE (\\Archive))`)).toMatch(/NO \[USEATTR\]/)
    expect(await bob.run(`SELECT ${below}`)).toMatch(/^t\d+ OK/m)
    await bob.run('CLOSE')
    expect(await ann.run('LIST "" Team/*')).toContain('"Team/Plans/2026"')
    // What the owner makes is hers alone, and nothing can be built below it.
    await ann.run('CREATE Team/Secret')
    expect(await bob.run('LIST "" *')).not.toContain('Secret')
    expect(await bob.run(`CREATE ${theirs.replace('Team', 'Team/Secret/x')}`)).toMatch(/NO \[NOPERM\]/)
    expect(await bob.run(`DELETE ${below}`)).toMatch(/NO \[NOPERM\]/)
  })

  it('can be renamed and deleted with x, and never leaves its owner', async () => {
    await ann.run(`SETACL Team/Plans/2026 ${door.other.address} +x`)
    const below = (name: string) => theirs.replace('Team', name)
    expect(await bob.run(`RENAME ${below('Team/Plans/2026')} Mine`)).toMatch(/NO \[NOPERM\]/)
    expect(await bob.run(`RENAME Archive ${below('Team/Archive')}`)).toMatch(/NO \[NOPERM\]/)
    expect(await bob.run(`RENAME ${below('Team/Plans/2026')} ${below('Elsewhere')}`)).toMatch(/NO \[NOPERM\]/)
    expect(await bob.run(`RENAME ${below('Team/Plans/2026')} ${below('Team/Plans/2027')}`)).toMatch(/OK/)
    expect(await bob.run(`RENAME ${below('Team/Plans/2027')} ${below('Team/2028')}`)).toMatch(/OK/)
    expect(await ann.run('LIST "" Team/2028')).toContain('"Team/2028"')
    expect(await bob.run(`DELETE ${below('Team/2028')}`)).toMatch(/OK/)
    expect(await ann.run('LIST "" Team/2028')).not.toContain('"Team/2028"')
  })

  it('can be administered with a', async () => {
    await ann.run(`SETACL Team ${door.other.address} +a`)
    expect(await bob.run(`SETACL ${theirs} anyone l`)).toMatch(/OK/)
    expect(await bob.run(`GETACL ${theirs}`)).toContain(`${door.account.address} lrswipkxteacd`)
    expect(await bob.run(`SETACL ${theirs} ${door.account.address} lr`)).toMatch(/NO/)
    expect(await bob.run(`SETACL ${theirs} ${stranger.address} lr`)).toMatch(/NO \[CANNOT\]/)
    expect(await bob.run(`SETACL ${theirs} anyone ""`)).toMatch(/OK/)
  })

  it('is gone at once when the right is taken away', async () => {
    for (const name of ['Team', 'Team/Plans']) await ann.run(`DELETEACL ${name} ${door.other.address}`)
    expect(await bob.run(`STATUS ${theirs} (MESSAGES)`)).toMatch(/NO \[NONEXISTENT\]/)
    expect(await bob.run(`SELECT ${theirs}`)).toMatch(/NO \[NONEXISTENT\]/)
    expect(await bob.run(`MYRIGHTS ${theirs}`)).toMatch(/NO \[NONEXISTENT\]/)
    expect(await bob.run('LIST "" *')).not.toContain(theirs)
  })
})

describe('an owner who leaves', () => {
  it('ends the session that reads a shared mailbox, and closes the keys', async () => {
    const { world, tenant, account, other } = door
    const owner = await world.makeAccount(tenant, { address: `dan@${account.address.split('@')[1]}` })
    const dan = await LineClient.open(door.port, owner)
    const guest = await LineClient.open(door.port, other)
    await dan.run('CREATE Shared')
    await dan.run(`SETACL Shared ${other.address} lr`)
    expect(await guest.run(`SELECT "Other Users/${owner.address}/Shared"`)).toMatch(/OK/)
    await world.db.control.withTenant(owner.tenantId, (tx) =>
      signOutEverywhere(tx, { tenantId: owner.tenantId, accountId: owner.accountId }, 'terminated'),
    )
    expect(await guest.until(/BYE.*\r\n/)).toContain('BYE [NOPERM]')
    dan.end()
    guest.end()
  })
})
