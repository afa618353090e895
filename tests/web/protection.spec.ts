import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openDatabases } from '#db/client'
import { silentLog } from '#lib/log'
import { readKeyFile } from '#mailcore/api'
import { createDirectory } from '#mailcore/directory/directory'
import { createDelivery } from '#mailcore/store/delivery'
import { demo, expect, expectAccessible, origin, sessionOf, signIn, subscriber, test } from './support'

const CONSOLE = /\/console$/
const DASHBOARD = /\/dashboard$/

/** Puts messages into somebody's quarantine, as the MX door does. */
async function putAside(address: string, subjects: readonly string[]): Promise<void> {
  const home = dirname(process.env.MAILTIGHT_WEB_TEST_DEMO ?? '')
  const urls = JSON.parse(readFileSync(join(home, 'secrets', 'addresses.json'), 'utf8')) as Record<string, string>
  const db = openDatabases(urls, { poolMax: 2, name: 'web test' })
  try {
    const lookupKey = readKeyFile(join(home, 'keys', 'lookup.key'))
    const [found] = await createDirectory({ db, lookupKey, log: silentLog }).resolve([address])
    if (found?.kind !== 'mailbox') throw new Error('The demo world has no such mailbox.')
    const delivery = createDelivery({ db, log: silentLog })
    for (const subject of subjects)
      await delivery.deliver({
        raw: Buffer.from(`From: Eve <eve@bad.test>\r\nTo: ${address}\r\nSubject: ${subject}\r\n\r\nHello.\r\n`),
        receivedAt: new Date(),
        mailboxes: [found.mailbox],
        into: new Map([[found.mailbox.accountId, { folder: 'quarantine', cause: 'spam' }]]),
      })
  } finally {
    await db.close()
  }
}

test('an owner releases and deletes what was put aside, and keeps a sender out', async ({ page, browser }) => {
  const owner = subscriber(0)
  await putAside(owner.email, ['A real letter', 'A bad offer'])
  await signIn(page, owner, DASHBOARD)
  await page.goto(`${origin()}/dashboard/senders`)
  const table = page.getByRole('table', { name: 'Messages in quarantine' })
  await expect(table).toContainText('A bad offer')
  await page.getByLabel('Choose A real letter').check()
  await page.getByRole('button', { name: 'Put into inbox' }).click()
  await expect(page.getByText('1 message is in your inbox.')).toBeVisible()
  await expect(table).not.toContainText('A real letter')
  await page.getByLabel('Choose A bad offer').check()
  await page.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('Nothing waits')).toBeVisible()
  await page.goto(`${origin()}/dashboard/mail`)
  await expect(page.getByText('A real letter').first()).toBeVisible()

  await page.goto(`${origin()}/dashboard/senders`)
  await page.getByLabel('Sender', { exact: true }).fill('not a sender')
  await page.getByRole('button', { name: 'Add sender' }).click()
  await expect(page.getByText('No sender was added.')).toBeVisible()
  await page.getByLabel('Sender', { exact: true }).fill('Eve@Bad.Test')
  await page.getByRole('button', { name: 'Add sender' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'eve@bad.test' })).toContainText('Blocked since')
  await putAside(owner.email, ['Again'])
  const storageState = await sessionOf(browser, owner, DASHBOARD)
  await expectAccessible(browser, [{ path: '/dashboard/senders', ready: '#sender-rules' }], storageState)
  await page.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No senders listed')).toBeVisible()
})

test('a domain admin chooses the protection of incoming mail and sees only counts', async ({ page, browser }) => {
  await putAside(demo().domainAdmin.email, ['Secret subject'])
  await signIn(page, demo().domainAdmin, CONSOLE)
  await page.goto(`${origin()}/console/protection`)
  await expect(page.getByRole('table', { name: 'Mail in quarantine by day and cause' })).toContainText(
    'Looks like spam',
  )
  expect(await page.content()).not.toContain('Secret subject')
  await page.getByLabel('Into quarantine').check()
  await page.getByLabel('Refused from how many points').fill('4')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Mail is refused at more points than make it spam.').first()).toBeVisible()
  await page.getByLabel('Spam from how many points').fill('4.5')
  await page.getByLabel('Refused from how many points').fill('12')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved', { exact: false }).first()).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Spam from how many points')).toHaveValue('4.5')
  await expect(page.getByLabel('Into quarantine')).toBeChecked()
  const storageState = await sessionOf(browser, demo().domainAdmin, CONSOLE)
  await expectAccessible(browser, [{ path: '/console/protection', ready: '#waiting' }], storageState)
})
