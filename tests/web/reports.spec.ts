import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openDatabases } from '#db/client'
import { findDomain } from '#db/control/queries/lookup'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import { silentLog } from '#lib/log'
import { createMailCore, fileKms, readKeyFile } from '#mailcore/api'
import type { DmarcReport, Report, TlsReport } from '#mailcore/reports/model'
import { saveReport } from '#mailcore/reports/store'
import { demo, expect, expectAccessible, origin, sessionOf, signIn, test } from './support'

const CONSOLE = /\/console$/

const domain = (): string => demo().domainAdmin.email.split('@')[1] ?? ''

/** Puts reports of today where the reader puts those that come by mail. */
async function keep(reports: readonly Report[]): Promise<void> {
  const home = dirname(process.env.MAILTIGHT_WEB_TEST_DEMO ?? '')
  const urls = JSON.parse(readFileSync(join(home, 'secrets', 'addresses.json'), 'utf8')) as Record<string, string>
  const db = openDatabases(urls, { poolMax: 1, name: 'web test' })
  try {
    const { keys } = createMailCore({
      db,
      kms: fileKms(join(home, 'keys', 'root.key')),
      lookupKey: readKeyFile(join(home, 'keys', 'lookup.key')),
      log: silentLog,
      hostname: 'localhost',
    })
    const found = await findDomain(db.control.lookup, domain())
    const places = await db.control.withSystem('fsck', selectTenantPlaces)
    const region = places.find(({ id }) => id === found?.tenantId)?.region
    if (!found || !region) throw new Error('The demo world has no domain of its admin.')
    for (const report of reports) await saveReport({ db, keys }, { ...found, region }, report, new Date())
  } finally {
    await db.close()
  }
}

const base = (id: string, organisation: string) => ({
  organisation,
  reportId: id,
  submitter: 'verified' as const,
  submitterDomain: 'big.test',
  beginAt: new Date(Date.now() - 86_400_000),
  endAt: new Date(),
})
const row = (source: string, messages: number, passes: boolean, service?: string): DmarcReport['rows'][number] => ({
  source,
  messages,
  disposition: 'none',
  dkim: passes ? 'pass' : 'fail',
  spf: passes ? 'pass' : 'fail',
  headerFrom: domain(),
  signatures: service ? [{ domain: service, result: 'pass' }] : [],
  sender: null,
  override: null,
})
const dmarc = (id: string, rows: DmarcReport['rows'], more: Partial<DmarcReport> = {}): DmarcReport => ({
  kind: 'dmarc',
  ...base(id, 'Big Mail'),
  policy: { domain: domain(), p: 'none', sp: '', pct: 100 },
  rows,
  rest: { messages: 0, passed: 0 },
  ...more,
})
const tls = (id: string): TlsReport => ({
  kind: 'tls',
  ...base(id, 'Other Mail'),
  policies: [
    {
      type: 'sts',
      succeeded: 960,
      failed: 40,
      failures: [
        { type: 'certificate-expired', sessions: 40, receivingHost: `mx.${domain()}`, sendingAddress: '', reason: '' },
      ],
    },
  ],
})

test('a domain admin reads who sends in the domain’s name, and what the reports mean', async ({ page, browser }) => {
  await signIn(page, demo().domainAdmin, CONSOLE)
  await page.goto(`${origin()}/console/reports`)
  await expect(page.getByText('No report has come yet')).toBeVisible()
  await expect(page.getByText(`rua=mailto:dmarc-reports@${domain()}`)).toBeVisible()

  await keep([
    dmarc('w1', [row('192.0.2.10', 1_234, true), row('198.51.100.7', 56, false)]),
    dmarc('w2', [row('203.0.113.5', 78, false, 'newsletter.test')]),
    dmarc('w3', [row('203.0.113.99', 9, false)], { submitter: 'unverified' }),
    tls('w4'),
  ])
  await page.reload()
  await expect(page.getByText('A server you did not list sends as you: 198.51.100.7')).toBeVisible()
  await expect(page.getByText('newsletter.test sends as you from 203.0.113.5')).toBeVisible()
  await expect(page.getByText('A certificate had expired')).toBeVisible()
  const sources = page.getByRole('table', { name: 'Servers that send as this domain, most mail first' })
  await expect(sources.getByRole('row', { name: /192\.0\.2\.10/ })).toContainText('1,234 of 1,234')
  await expect(sources).not.toContainText('203.0.113.99')

  await page.getByRole('link', { name: 'Count them too' }).click()
  await expect(sources).toContainText('203.0.113.99')
  await page.getByRole('link', { name: '7 days' }).click()
  await expect(page).toHaveURL(/days=7.*unproven=1/)

  const storageState = await sessionOf(browser, demo().domainAdmin, CONSOLE)
  await expectAccessible(browser, [{ path: '/console/reports', ready: '#tls' }], storageState)
})
