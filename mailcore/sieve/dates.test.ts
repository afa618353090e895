import { describe, expect, it } from 'vitest'
import { holds } from './testing'

type Row = [test: string, expected: boolean]

describe('date and index (RFC 5260)', () => {
  const REQUIRE = ['date', 'index', 'relational']
  it.each<Row>([
    ['date :zone "+0000" "date" "date" "2003-04-01"', true],
    ['date :zone "+0000" "date" "hour" "17"', true],
    ['date :originalzone "date" "hour" "09"', true],
    ['date :originalzone "date" "zone" "-0800"', true],
    ['date :originalzone "date" "iso8601" "2003-04-01T09:06:31-08:00"', true],
    ['date :originalzone "date" "std11" "Tue, 01 Apr 2003 09:06:31 -0800"', false],
    ['date :originalzone "date" "std11" "Tue, 1 Apr 2003 09:06:31 -0800"', true],
    ['date :zone "+0530" "date" "time" "22:36:31"', true],
    ['date "date" "weekday" "2"', true],
    ['date "date" "julian" "52730"', true],
    ['date "received" "date" "2003-04-01"', true],
    ['date :index 1 :originalzone "received" "time" "09:06:31"', true],
    ['date :index 2 :originalzone "received" "date" "2003-03-31"', true],
    ['date :index 1 :last :originalzone "received" "zone" "-0800"', true],
    ['date :index 3 "received" "date" "2003-04-01"', false],
    ['date "subject" "date" "2003-04-01"', false],
    ['date :value "ge" "date" "date" "2003-01-01"', true],
    ['currentdate "date" "2026-02-28"', true],
    ['currentdate "year" "2026"', true],
    ['currentdate "month" "02"', true],
    ['currentdate "day" "28"', true],
    ['currentdate "hour" "13"', true],
    ['currentdate "minute" "14"', true],
    ['currentdate "SECOND" "15"', true],
    ['currentdate "weekday" "6"', true],
    ['currentdate :zone "-1400" "date" "2026-02-27"', true],
    ['currentdate :zone "+1100" "date" "2026-03-01"', true],
    ['currentdate "iso8601" "2026-02-28T13:14:15+00:00"', true],
    ['currentdate :zone "+0130" "std11" "Sat, 28 Feb 2026 14:44:15 +0130"', true],
    ['allof (currentdate :value "ge" "date" "2026-02-01", currentdate :value "le" "date" "2026-02-28")', true],
    ['header :index 1 :contains "received" "a.example by"', true],
    ['header :index 2 :contains "received" "a.example by b"', false],
    ['header :index 1 :last :contains "received" "c.example"', true],
    ['header :index 2 :last :contains "received" "c.example"', false],
    ['header :index 9 :contains "received" ""', false],
    ['address :index 1 "cc" "bob@two.example"', true],
    ['address :index 2 "cc" "bob@two.example"', false],
  ])('%s is %s', async (test, expected) => {
    expect(await holds(REQUIRE, test)).toBe(expected)
  })

  it.each<[date: string, expected: string]>([
    ['Tue, 1 Jul 2003 10:52:37 +0200', '+0200'],
    ['1 Jul 2003 10:52 -0330', '-0330'],
    ['Tue, 1 Jul 2003 10:52:37 GMT', '+0000'],
    ['Tue, 1 Jul 2003 10:52:37 EDT', '-0400'],
    ['Tue, 1 Jul 2003 10:52:37', '+0000'],
  ])('the zone of %s is %s', async (date, expected) => {
    const message = `Date: ${date}\r\n\r\n`
    expect(await holds(REQUIRE, `date :originalzone "date" "zone" "${expected}"`, { message })).toBe(true)
  })
})
