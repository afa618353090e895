import type { Page } from '@playwright/test'
import { demo, expect, expectAccessible, origin, sessionOf, signIn, subscriber, test } from './support'

const CONSOLE = /\/console$/
const DASHBOARD = /\/dashboard$/

const toast = (page: Page, text: RegExp) =>
  expect(page.getByRole('status').filter({ hasText: text }).first()).toBeVisible()

test('an admin gives a person one more address, makes a list, and takes a reader off again', async ({
  page,
  browser,
}) => {
  const admin = demo().domainAdmin
  const domain = admin.email.split('@')[1] ?? ''
  await signIn(page, admin, CONSOLE)
  await page.goto(`${origin()}/console/addresses`)
  await expect(page.getByText('No aliases yet')).toBeVisible()
  const alias = page.getByRole('form', { name: 'Add alias' })
  await alias.getByLabel('Address').fill(subscriber(0).email)
  await alias.getByRole('button', { name: 'Add alias' }).click()
  await expect(alias.getByText('This address is in use.').first()).toBeVisible()
  await alias.getByLabel('Address').fill(`info@${domain}`)
  await alias.getByLabel('Person').selectOption({ label: subscriber(0).email })
  await alias.getByRole('button', { name: 'Add alias' }).click()
  await toast(page, /Mail to info@/)
  await expect(page.getByText(`info@${domain}`).first()).toBeVisible()

  const made = page.getByRole('form', { name: 'Make it' })
  await made.getByLabel('List', { exact: false }).first().check()
  await made.getByLabel('Name').fill('Newsletter')
  await made.getByLabel('Address').fill(`newsletter@${domain}`)
  await made.getByRole('button', { name: 'Make it' }).click()
  await page.waitForURL(/\/console\/addresses\/[0-9a-f-]{36}$/)
  await expect(page.getByText('Nobody is in it yet')).toBeVisible()
  await page.getByLabel('Addresses', { exact: true }).fill(`${subscriber(0).email}\nreader@elsewhere.example\nnonsense`)
  await page.getByRole('button', { name: 'Add members' }).click()
  await toast(page, /2 members added\. Not nonsense/)
  await expect(page.getByRole('heading', { name: '2 members' })).toBeVisible()
  const row = page.getByRole('listitem').filter({ hasText: 'reader@elsewhere.example' })
  await row.getByRole('button', { name: 'Take out' }).click()
  await expect(page.getByRole('dialog')).toContainText('reader@elsewhere.example')
  await page.getByRole('dialog').getByRole('button', { name: 'Take them out' }).click()
  await expect(page.getByRole('heading', { name: '1 member' })).toBeVisible()
  const path = new URL(page.url()).pathname
  await expectAccessible(
    browser,
    [
      { path: '/console/addresses', ready: '#aliases' },
      { path, ready: '#members' },
    ],
    await sessionOf(browser, admin, CONSOLE),
  )
})

test('a subscriber makes a masked address, switches it off, and sends mail on with the password only', async ({
  page,
  browser,
}) => {
  const owner = subscriber(1)
  await signIn(page, owner, DASHBOARD)
  await page.goto(`${origin()}/dashboard/addresses`)
  await page.getByLabel('What it is for').fill('Bookshop')
  await page.getByRole('button', { name: 'Make an address' }).click()
  await toast(page, /is yours/)
  const row = page.getByRole('listitem').filter({ hasText: 'Bookshop' })
  await row.getByRole('button', { name: 'Switch off' }).click()
  await expect(row.getByText('Switched off')).toBeVisible()
  await row.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByRole('dialog')).toContainText('Nobody can have this address again')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
  await expect(page.getByText('No masked addresses yet')).toBeVisible()

  const forward = page.getByRole('form', { name: 'Forward my mail' })
  await forward.getByLabel('To').fill('far@elsewhere.example')
  await forward.getByLabel('Your password').fill('not my password')
  await forward.getByRole('button', { name: 'Forward my mail' }).click()
  await expect(forward.getByText('This is not your present password.').first()).toBeVisible()
  await forward.getByLabel('Your password').fill(owner.password)
  await forward.getByRole('button', { name: 'Forward my mail' }).click()
  await expect(page.getByText('Sent on, and kept here')).toBeVisible()
  await page.getByText('End the forwarding').click()
  const end = page.getByRole('form', { name: 'End it' })
  await end.getByLabel('Your password').fill(owner.password)
  await end.getByRole('button', { name: 'End it' }).click()
  await expect(page.getByText('Sent on, and kept here')).toBeHidden()
  await expectAccessible(
    browser,
    [{ path: '/dashboard/addresses', ready: '#masked' }],
    await sessionOf(browser, owner, DASHBOARD),
  )
})

test('a sent message has its receipt, and everybody follows it as far as they may', async ({ page, browser }) => {
  const owner = subscriber(0)
  await signIn(page, owner, DASHBOARD)
  await page.goto(`${origin()}/dashboard/mail/INBOX?compose=new`)
  const subject = 'A receipt, please'
  await page.getByLabel('To', { exact: true }).fill(subscriber(1).email)
  await page.getByLabel('Subject').fill(subject)
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello')
  await page.getByRole('button', { name: /^Send/ }).click()
  await toast(page, /Sent/)
  await page.goto(`${origin()}/dashboard/mail/Sent`)
  await page.getByText(subject).first().click()
  const receipt = page.locator('details.receipt')
  await expect(receipt).toContainText('It never left this network.')
  await receipt.locator('summary').click()
  await expect(receipt.locator('pre')).toContainText(`Subject: ${subject}`)

  const way = page.locator('details.way').first()
  // Lines are written within a second or two.
  await expect(async () => {
    await page.goto(`${origin()}/dashboard/trace?q=${encodeURIComponent(subscriber(1).email)}`)
    await expect(way).toContainText(subscriber(1).email, { timeout: 500 })
  }).toPass({ timeout: 15_000 })
  await way.locator('summary').click()
  await expect(way).toContainText('Put into the mailbox')
  await expectAccessible(
    browser,
    [{ path: '/dashboard/trace', ready: 'details.way' }],
    await sessionOf(browser, owner, DASHBOARD),
  )
  await expectAccessible(
    browser,
    [{ path: '/console/trace', ready: 'details.way' }],
    await sessionOf(browser, demo().domainAdmin, CONSOLE),
  )
  const reseller = await sessionOf(browser, demo().reseller, /\/partner$/)
  const context = await browser.newContext({ storageState: reseller, ignoreHTTPSErrors: true })
  const theirs = await context.newPage()
  await theirs.goto(`${origin()}/partner/trace`)
  await expect(theirs.locator('details.way').first()).toContainText('…@')
  await expect(theirs.locator('main')).not.toContainText(owner.email)
  await context.close()
  await expectAccessible(browser, [{ path: '/partner/trace', ready: 'details.way' }], reseller)
  await expectAccessible(
    browser,
    [{ path: '/operator/trace', ready: '.empty' }],
    await sessionOf(browser, demo().operator, /\/operator$/),
  )
})
