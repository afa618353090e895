import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from '../testing'

let test: TestDoor
let client: LineClient
let folder = ''
let made = 0
beforeAll(async () => {
  test = await startTestDoor()
})
afterAll(async () => {
  await test.stop()
})
beforeEach(async () => {
  folder = `box${++made}`
  client?.end()
  client = await LineClient.open(test.port, test.account)
  await client.run(`CREATE ${folder}`)
  await client.run(`SELECT ${folder}`)
})

const mail = (fields: Record<string, string>, body = 'text') =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}\r\n`

const add = async (raw: string, options = '') =>
  expect(await client.append(folder, raw, options)).toMatch(/ OK \[APPENDUID \d+ \d+\]/)

/** The numbers of the untagged answer. */
const found = async (keys: string, command = 'SEARCH') => {
  const answer = await client.run(`${command} ${keys}`)
  expect(answer).toMatch(/t\d+ OK /)
  return (/^\* (?:SEARCH|SORT)([ \d]*)/m.exec(answer)?.[1] ?? 'none').trim()
}

describe('SEARCH', () => {
  beforeEach(async () => {
    await add(
      mail({
        From: 'Ann <ann@a.test>',
        To: 'bob@b.test',
        Subject: 'Hello there',
        Date: 'Tue, 1 Feb 2022 23:30:00 -0800',
      }),
      '(\\Seen $Work) "01-Feb-2022 10:00:00 +0000"',
    )
    await add(
      mail(
        {
          From: 'bob@b.test',
          Cc: 'carl@c.test',
          Subject: '=?utf-8?q?Gr=C3=BC=C3=9Fe?=',
          'X-Own': 'one',
          Date: 'Thu, 3 Feb 2022 01:00:00 +0000',
        },
        'a much longer body that says needle',
      ),
      '(\\Flagged) "03-Feb-2022 10:00:00 +0000"',
    )
    await add(
      'Subject: two\r\n lines\r\nFrom: x@y.test\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
        `${Buffer.from('Überraschung im Anhang').toString('base64')}\r\n`,
    )
  })

  it('finds by flags, numbers, sizes and days', async () => {
    expect(await found('ALL')).toBe('1 2 3')
    expect(await found('SEEN')).toBe('1')
    expect(await found('UNSEEN')).toBe('2 3')
    expect(await found('KEYWORD $work')).toBe('1')
    expect(await found('UNKEYWORD $Work FLAGGED')).toBe('2')
    expect(await found('KEYWORD none')).toBe('')
    expect(await found('2:*')).toBe('2 3')
    expect(await found('9:*')).toBe('3')
    expect(await found('UID 1,3')).toBe('1 3')
    expect(await found('NOT 1:2')).toBe('3')
    expect(await found('BEFORE 3-Feb-2022')).toBe('1')
    expect(await found('ON "3-Feb-2022"')).toBe('2')
    expect(await found('SINCE 2-Feb-2022')).toBe('2 3')
    expect(await found('SENTON 1-Feb-2022')).toBe('1')
    expect(await found('SENTSINCE 1-Feb-2022')).toBe('1 2')
    expect(await found('RECENT')).toBe('')
    expect(await found('NEW')).toBe('')
    expect(await found('OLD SMALLER 100000 LARGER 10')).toBe('1 2 3')
    expect(await found('YOUNGER 3600')).toBe('3')
    expect(await found('OLDER 3600')).toBe('1 2')
    expect(await found('SAVEDSINCE 1-Feb-2022 SAVEDATESUPPORTED')).toBe('1 2 3')
    expect(await found('SAVEDBEFORE 1-Feb-2022')).toBe('')
    expect(await found('ALL', 'UID SEARCH')).toBe('1 2 3')
  })

  it('finds texts, whatever their case, charset and folding', async () => {
    expect(await found('SUBJECT hELLO')).toBe('1')
    expect(await found('SUBJECT "two lines"')).toBe('3')
    expect(await found('CHARSET UTF-8 SUBJECT "GR\xc3\x9c"')).toBe('2')
    expect(await found('FROM ann@a.test')).toBe('1')
    expect(await found('CC ""')).toBe('2')
    expect(await found('HEADER x-own ""')).toBe('2')
    expect(await found('HEADER X-Own ONE')).toBe('2')
    expect(await found('NOT HEADER X-Own ONE')).toBe('1 3')
    expect(await found('BODY needle')).toBe('2')
    expect(await found('BODY bob@b.test')).toBe('')
    expect(await found('TEXT bob@b.test')).toBe('1 2')
    expect(await found('CHARSET UTF-8 BODY "\xc3\xbcBERRASCHUNG"')).toBe('3')
    expect(await found('BODY ""')).toBe('1 2 3')
    expect(await found('OR (SEEN FROM ann) (BODY needle FLAGGED)')).toBe('1 2')
    expect(await found('OR OR SUBJECT hello BODY needle SUBJECT two')).toBe('1 2 3')
    expect(await found('NOT (OR SEEN FLAGGED)')).toBe('3')
  })

  it('refuses what it does not know', async () => {
    expect(await client.run('SEARCH CHARSET KOI8-R SUBJECT x')).toMatch(/t\d+ NO \[BADCHARSET \(UTF-8 US-ASCII\)\]/)
    expect(await client.run('SEARCH CHARSET US-ASCII SUBJECT "\xc3\x9c"')).toMatch(/t\d+ BAD /)
    expect(await client.run('SEARCH SUBJECT "\xff"')).toMatch(/t\d+ BAD /)
    for (const keys of [
      '',
      'WHAT',
      'OR SEEN',
      '()',
      '(SEEN',
      'SEEN)',
      'NOT',
      'YOUNGER 0',
      'UID',
      'ON 31-Feb-2022',
      'RETURN (WHAT) ALL',
      'RETURN (PARTIAL 1:-2) ALL',
      'RETURN (ALL PARTIAL 1:2) ALL',
    ])
      expect(await client.run(`SEARCH ${keys}`), keys).toMatch(/t\d+ BAD /)
  })

  it('finds nothing by 1:* in an empty mailbox', async () => {
    await client.run(`CREATE ${folder}/empty`)
    await client.run(`SELECT ${folder}/empty`)
    expect(await found('1:* NOT DELETED', 'UID SEARCH')).toBe('')
  })

  it('answers ESEARCH as asked', async () => {
    expect(await client.run('SEARCH RETURN (MIN MAX COUNT ALL) 2:3')).toMatch(
      /^\* ESEARCH \(TAG "t\d+"\) MIN 2 MAX 3 COUNT 2 ALL 2:3\r\n/m,
    )
    expect(await client.run('UID SEARCH RETURN () SEEN')).toMatch(/^\* ESEARCH \(TAG "t\d+"\) UID ALL 1\r\n/m)
    expect(await client.run('SEARCH RETURN (MIN COUNT) DELETED')).toMatch(/^\* ESEARCH \(TAG "t\d+"\) COUNT 0\r\n/m)
    expect(await client.run('SEARCH RETURN (PARTIAL 2:5) ALL')).toMatch(/\) PARTIAL \(2:5 2:3\)\r\n/)
    expect(await client.run('SEARCH RETURN (PARTIAL -1:-2) ALL')).toMatch(/\) PARTIAL \(-1:-2 2:3\)\r\n/)
    expect(await client.run('SEARCH RETURN (PARTIAL -3:-9) ALL')).toMatch(/\) PARTIAL \(-3:-9 1\)\r\n/)
    expect(await client.run('SEARCH RETURN (PARTIAL 7:9) ALL')).toMatch(/\) PARTIAL \(7:9 NIL\)\r\n/)
    expect(await client.run('SEARCH RETURN (ALL) MODSEQ 1')).toMatch(/ ALL 1:3 MODSEQ \d+\r\n/)
    expect(await client.run('SEARCH MODSEQ "/flags/\\\\Seen" all 1 SEEN')).toMatch(/^\* SEARCH 1 \(MODSEQ \d+\)\r\n/m)
    await client.run('ENABLE IMAP4rev2')
    expect(await client.run('SEARCH SEEN')).toMatch(/^\* ESEARCH \(TAG "t\d+"\) ALL 1\r\n/m)
  })

  it('keeps results in $', async () => {
    expect(await client.run('SEARCH RETURN (SAVE) UNSEEN')).not.toContain('ESEARCH')
    expect(await found('$')).toBe('2 3')
    expect(await found('NOT $')).toBe('1')
    await client.run('SEARCH RETURN (SAVE MIN) ALL')
    expect(await found('$')).toBe('1')
    await client.run('SEARCH RETURN (SAVE MAX MIN) ALL')
    expect(await found('$')).toBe('1 3')
    await client.run('SEARCH RETURN (SAVE MIN COUNT) ALL')
    expect(await found('$')).toBe('1 2 3')
    await client.run('SEARCH RETURN (SAVE PARTIAL 2:2) ALL')
    expect(await found('$')).toBe('2')
    await client.run('SEARCH RETURN (SAVE) WHAT')
    expect(await found('$')).toBe('2')
    await client.run('SEARCH RETURN (SAVE) CHARSET X SUBJECT y')
    expect(await found('$')).toBe('')
  })

  it('finds by EMAILID, and nothing by THREADID', async () => {
    const id = /EMAILID \(([^)]+)\)/.exec(await client.run('FETCH 2 (EMAILID)'))?.[1]
    expect(id).toBeDefined()
    expect(await found(`EMAILID ${id}`)).toBe('2')
    expect(await found(`NOT EMAILID ${id}`)).toBe('1 3')
    expect(await found('THREADID T1')).toBe('')
  })

  it('tells of changes to a result', async () => {
    const start = await client.run('UID SEARCH RETURN (UPDATE COUNT) UNSEEN')
    const tag = /TAG "(t\d+)"/.exec(start)?.[1]
    expect(start).toContain('COUNT 2')
    expect(await client.run('STORE 2 +FLAGS (\\Seen)')).toContain(`* ESEARCH (TAG "${tag}") UID REMOVEFROM (0 2)\r\n`)
    expect(await client.append(folder, mail({ Subject: 'new' }))).toContain(
      `* ESEARCH (TAG "${tag}") UID ADDTO (0 4)\r\n`,
    )
    await client.run('STORE 3 +FLAGS (\\Deleted)')
    expect(await client.run('EXPUNGE')).toContain(`* ESEARCH (TAG "${tag}") UID REMOVEFROM (0 3)\r\n`)
    expect(await client.run(`CANCELUPDATE "${tag}"`)).toMatch(/t\d+ OK /)
    expect(await client.run(`CANCELUPDATE "${tag}"`)).toMatch(/t\d+ BAD /)
    expect(await client.run('STORE 2 -FLAGS (\\Seen)')).not.toContain('ESEARCH')
  })

  it('refuses more updates than it keeps', async () => {
    for (let i = 0; i < 10; i++) expect(await client.run('SEARCH RETURN (UPDATE) ALL')).not.toContain('NOUPDATE')
    expect(await client.run('SEARCH RETURN (UPDATE COUNT) ALL')).toMatch(/\* NO \[NOUPDATE "t\d+"\] [\s\S]*t\d+ OK /)
  })

  it('takes NOT twenty thousand times, and OR within OR', async () => {
    expect(await found(`${'NOT '.repeat(20_000)}SEEN`)).toBe('1')
    expect(await found(`${'OR '.repeat(999)}${'SUBJECT nothing '.repeat(999)}SUBJECT hello`)).toBe('1')
    expect(await found(`${'OR SUBJECT nothing '.repeat(900)}SUBJECT hello`)).toBe('1')
    expect(await client.run(`SEARCH ${'('.repeat(5_000)}SEEN${')'.repeat(5_000)}`)).toMatch(/t\d+ BAD /)
    expect(await client.run(`SEARCH ${'NOT OR SEEN '.repeat(500)}SEEN`)).toMatch(/t\d+ BAD /)
  })
})

describe('SORT', () => {
  beforeEach(async () => {
    await add(
      mail({ From: 'Zoe <b@x.test>', Subject: 'Re: banana', Date: 'Tue, 1 Feb 2022 10:00:00 +0000' }),
      '"03-Feb-2022 10:00:00 +0000"',
    )
    await add(
      mail({ From: 'adam <c@x.test>', Subject: 'apple', Date: 'Thu, 3 Feb 2022 10:00:00 +0000' }, 'longer text'),
      '"01-Feb-2022 10:00:00 +0000"',
    )
    await add(mail({ From: '=?utf-8?q?=C3=89mile?= <a@x.test>', Subject: 'Banana' }), '"02-Feb-2022 10:00:00 +0000"')
  })

  it('orders by each criterion', async () => {
    const sort = (keys: string) => found(`(${keys}) UTF-8 ALL`, 'SORT')
    expect(await sort('ARRIVAL')).toBe('2 3 1')
    expect(await sort('REVERSE ARRIVAL')).toBe('1 3 2')
    expect(await sort('DATE')).toBe('1 3 2')
    expect(await sort('SUBJECT')).toBe('2 1 3')
    expect(await sort('REVERSE SUBJECT')).toBe('1 3 2')
    expect(await sort('SUBJECT REVERSE DATE')).toBe('2 3 1')
    expect(await sort('FROM')).toBe('3 1 2')
    expect(await sort('DISPLAYFROM')).toBe('2 3 1')
    expect(await sort('CC')).toBe('1 2 3')
    expect(await found('(REVERSE SIZE) US-ASCII 1:2', 'SORT')).toBe('2 1')
    expect(await client.run('SORT RETURN (MIN MAX ALL COUNT) (ARRIVAL) UTF-8 ALL')).toMatch(
      /\) MIN 2 MAX 1 COUNT 3 ALL 2:3,1\r\n/,
    )
    expect(await client.run('UID SORT RETURN (PARTIAL 1:2) (REVERSE ARRIVAL) UTF-8 ALL')).toMatch(
      / UID PARTIAL \(1:2 1,3\)\r\n/,
    )
    expect(await client.run('SORT (SUBJECT) KOI8-R ALL')).toMatch(/t\d+ NO \[BADCHARSET/)
    expect(await client.run('SORT () UTF-8 ALL')).toMatch(/t\d+ BAD /)
    expect(await client.run('SORT (REVERSE) UTF-8 ALL')).toMatch(/t\d+ BAD /)
  })
})

describe('THREAD', () => {
  it('threads by references and by subject', async () => {
    await add(mail({ 'Message-Id': '<1@x>', Subject: 'start', Date: 'Tue, 1 Feb 2022 10:00:00 +0000' }))
    await add(mail({ 'Message-Id': '<2@x>', Subject: 'other', Date: 'Tue, 2 Feb 2022 10:00:00 +0000' }))
    await add(
      mail({
        'Message-Id': '<3@x>',
        'In-Reply-To': '<1@x>',
        Subject: 'Re: start',
        Date: 'Tue, 3 Feb 2022 10:00:00 +0000',
      }),
    )
    await add(
      mail({
        'Message-Id': '<4@x>',
        References: '<1@x> <3@x>',
        Subject: 'Re: start',
        Date: 'Tue, 4 Feb 2022 10:00:00 +0000',
      }),
    )
    await add(mail({ 'Message-Id': '<5@x>', Subject: 'Re: other', Date: 'Tue, 5 Feb 2022 10:00:00 +0000' }))
    const thread = async (algorithm: string) =>
      /^\* THREAD ?([^\r]*)/m.exec(await client.run(`THREAD ${algorithm} UTF-8 ALL`))?.[1]
    expect(await thread('REFERENCES')).toBe('(1 3 4)(2 5)')
    expect(await thread('REFS')).toBe('(2)(1 3 4)(5)')
    expect(await thread('ORDEREDSUBJECT')).toBe('(1 (3)(4))(2 5)')
    expect(await client.run('UID THREAD REFERENCES UTF-8 DELETED')).toMatch(/^\* THREAD\r\n/m)
    expect(await client.run('THREAD WHAT UTF-8 ALL')).toMatch(/t\d+ BAD /)
  })
})
