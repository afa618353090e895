import type { Page } from '@playwright/test'
import { demo, expect, expectAccessible, origin, sessionOf, signIn, subscriber, test } from './support'

const CONSOLE = /\/console$/
const PARTNER = /\/partner$/
const OPERATOR = /\/operator$/
const DASHBOARD = /\/dashboard$/

/** Opens one of the acts of a sheet. */
const openAct = (page: Page, title: string) => page.locator('summary', { hasText: title }).click()

/** The sheet of the person with this address, from the list. */
async function openPerson(page: Page, address: string): Promise<void> {
  await page.goto(`${origin()}/console/people?q=${encodeURIComponent(address)}`)
  await page
    .getByRole('row', { name: new RegExp(address) })
    .getByRole('link')
    .click()
  await expect(page).toHaveURL(/\/console\/people\/[0-9a-f-]{36}/)
  await expect(page.locator('.sheet')).toContainText(address)
}

/** Tries to sign in; the words of the refusal. */
async function refusal(page: Page, login: { email: string; password: string }): Promise<string> {
  await page.goto(`${origin()}/sign-in`)
  await page.getByLabel('Address').fill(login.email)
  await page.getByLabel('Password').fill(login.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  return (await page.getByRole('main').getByRole('alert').textContent()) ?? ''
}

const newContext = { ignoreHTTPSErrors: true }

test('a domain admin suspends and resumes a person: sign-in is refused, then nothing is lost, and the owner reads why', async ({
  page,
  browser,
}) => {
  const person = subscriber(0)
  const theirs = await browser.newContext(newContext)
  const theirPage = await theirs.newPage()
  await signIn(theirPage, person, DASHBOARD)
  await theirPage.goto(`${origin()}/dashboard/export`)
  const messages = theirPage.getByText(/^\d[\d,]* messages? in /)
  const before = (await messages.textContent()) ?? ''

  await signIn(page, demo().domainAdmin, CONSOLE)
  await openPerson(page, person.email)
  await openAct(page, 'Suspend')
  await page.locator('.sheet').getByLabel('Reason').first().fill('Lost laptop, asked by phone')
  await page.getByRole('button', { name: 'Suspend this person' }).click()
  await expect(page.locator('.sheet .badge')).toContainText('Suspended')

  // The session that was open is over, and a new one is refused in plain words.
  await theirPage.goto(`${origin()}/dashboard`)
  await expect(theirPage).toHaveURL(/\/sign-in/)
  expect(await refusal(theirPage, person)).toContain('suspended')

  await page.locator('.sheet').getByLabel('Reason').first().fill('Laptop found')
  await page.getByRole('button', { name: 'Resume this person' }).click()
  await expect(page.locator('.sheet')).toContainText('Active')

  await signIn(theirPage, person, DASHBOARD)
  await expect(theirPage.getByRole('table', { name: 'Access ledger, newest first' })).toContainText('Laptop found')
  await expect(theirPage.getByRole('table', { name: 'Access ledger, newest first' })).toContainText(
    'Lost laptop, asked by phone',
  )
  await theirPage.goto(`${origin()}/dashboard/export`)
  await expect(messages).toHaveText(before)
  await theirs.close()
})

test('an act without a reason is not done and says so', async ({ page }) => {
  await signIn(page, demo().domainAdmin, CONSOLE)
  await openPerson(page, subscriber(0).email)
  await openAct(page, 'Set a new password')
  const sheet = page.locator('.sheet')
  await sheet.getByLabel('New password').fill('short')
  await sheet
    .locator('form', { has: page.getByLabel('New password') })
    .getByLabel('Reason')
    .fill('A test')
  await sheet.getByRole('button', { name: 'Set this password' }).click()
  await expect(sheet.getByRole('alert')).toContainText('The old password still holds.')
  await expect(sheet.getByLabel('New password')).toHaveAttribute('aria-invalid', 'true')
})

test('a domain admin adds a person, resets their password, and ends the account after its address is typed', async ({
  page,
  browser,
}) => {
  const local = `eve${Date.now().toString(36)}`
  const first = 'plum-orchard-harbour-41'
  const second = 'quiet-granite-lantern-77'
  await signIn(page, demo().domainAdmin, CONSOLE)
  const domain = demo().domainAdmin.email.split('@')[1] ?? ''
  const email = `${local}@${domain}`
  await page.goto(`${origin()}/console/people/add`)
  await page.getByLabel('Name', { exact: true }).fill('Eve Lindgren')
  await page.getByLabel('Address, before the @').fill(local)
  await page.getByLabel('First password').fill(first)
  await page.getByRole('button', { name: 'Add this person' }).click()
  await expect(page).toHaveURL(/\/console\/people\/[0-9a-f-]{36}/)

  const theirs = await browser.newContext(newContext)
  const theirPage = await theirs.newPage()
  await signIn(theirPage, { email, password: first }, DASHBOARD)

  await openAct(page, 'Set a new password')
  const form = page.locator('.sheet form', { has: page.getByLabel('New password') })
  await form.getByLabel('New password').fill(second)
  await form.getByLabel('Reason').fill('Forgot it')
  await form.getByRole('button', { name: 'Set this password' }).click()
  await expect(page.locator('.toasts')).toContainText('no mail was lost')
  expect(await refusal(theirPage, { email, password: first })).toContain('not right')
  await signIn(theirPage, { email, password: second }, DASHBOARD)

  await page.getByRole('button', { name: 'End this account' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('0 messages')
  await expect(dialog.getByRole('button', { name: 'End the account' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('Left the school')
  await dialog.getByLabel(/to confirm/).fill(email)
  await dialog.getByRole('button', { name: 'End the account' }).click()
  await expect(page.locator('.sheet')).toContainText('This account is closing.')
  await theirPage.goto(`${origin()}/dashboard`)
  await expect(theirPage).toHaveURL(/\/sign-in/)
  await theirs.close()
})

test('several people are suspended together, after the page names them and asks why', async ({ page }) => {
  const [first, second] = [subscriber(0), subscriber(1)]
  await signIn(page, demo().domainAdmin, CONSOLE)
  await page.goto(`${origin()}/console/people`)
  for (const { email } of [first, second]) await page.getByLabel(`Select ${email}`).check()
  await expect(page.locator('.bulk')).toContainText('2 people selected')
  await page.locator('.bulk').getByRole('button', { name: 'Suspend' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Suspend 2 people')
  await expect(page.getByRole('main')).toContainText(second.email)
  await page.getByRole('textbox', { name: 'Reason' }).fill('Exercise')
  await page.getByRole('button', { name: 'Suspend 2 people' }).click()
  await expect(page).toHaveURL(/state=suspended/)
  await expect(page.getByRole('main')).toContainText(second.email)
  for (const { email } of [first, second]) {
    await openPerson(page, email)
    await page.locator('.sheet').getByLabel('Reason').first().fill('Exercise is over')
    await page.getByRole('button', { name: 'Resume this person' }).click()
    await expect(page.locator('.sheet')).toContainText('Active')
  }
})

test('CSV holds what is shown', async ({ page }) => {
  await signIn(page, demo().domainAdmin, CONSOLE)
  const answer = await page.request.get(`${origin()}/console/people/csv?q=${encodeURIComponent(subscriber(0).email)}`)
  expect(answer.headers()['content-disposition']).toContain('people.csv')
  const lines = (await answer.text()).trim().split('\r\n')
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain(subscriber(0).email)
  const acts = await page.request.get(`${origin()}/console/audit/csv`)
  expect((await acts.text()).split('\r\n')[0]).toContain('When,Who,Role,What')
})

test('a domain admin changes the ceiling for deleted mail and reads what it does', async ({ page }) => {
  await signIn(page, demo().domainAdmin, CONSOLE)
  await page.goto(`${origin()}/console/retention`)
  const range = page.getByRole('slider')
  const days = Number(await range.inputValue())
  await range.press('ArrowRight')
  await page.getByRole('button', { name: `Save ${days + 1} days` }).click()
  await expect(page.getByRole('button', { name: `${days + 1} days in force` })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('slider')).toHaveValue(String(days + 1))
  await range.press('ArrowLeft')
  await expect(page.getByRole('main')).toContainText('New accounts begin with')
})

test('a reseller adds a customer and a domain, and is shown the record that proves it', async ({ page }) => {
  const tag = Date.now().toString(36)
  await signIn(page, demo().reseller, PARTNER)
  await page.getByRole('link', { name: 'Add a customer' }).click()
  await page.getByLabel('Name of the organisation').fill(`Kestrel ${tag}`)
  await page.getByLabel('Seats').fill('5')
  await page.getByRole('button', { name: 'Add this customer' }).click()
  await expect(page).toHaveURL(/\/partner\/customers\/[0-9a-f-]{36}/)
  const sheet = page.locator('.sheet')
  await expect(sheet).toContainText('0 of 5')
  await sheet.getByLabel('Domain name').fill(`kestrel-${tag}.example`)
  await sheet.getByRole('button', { name: 'Add this domain' }).click()
  await expect(sheet).toContainText(`_mailtight.kestrel-${tag}.example`)
  await expect(sheet).toContainText('mailtight-proof=')
  await sheet.getByRole('button', { name: 'Check now' }).click()
  await expect(sheet.getByRole('alert')).toContainText('Not verified yet.')
  await page.goto(`${origin()}/partner/domains?state=unverified`)
  await expect(page.getByRole('table')).toContainText(`kestrel-${tag}.example`)
  await page.goto(`${origin()}/partner/audit`)
  await expect(page.getByRole('table')).toContainText('Added a domain')
})

test('an operator adds a reseller and their first login, who then signs in', async ({ page, browser }) => {
  const tag = Date.now().toString(36)
  const login = { email: `finch${tag}@partners.example`, password: 'copper-meadow-violin-63' }
  await signIn(page, demo().operator, OPERATOR)
  await expect(page.getByText('All ready')).toBeVisible()
  await page.getByRole('link', { name: 'Add a reseller' }).click()
  await page.getByLabel('Name').fill(`Finch ${tag}`)
  await page.getByLabel('Seats').fill('25')
  await page.getByRole('button', { name: 'Add this reseller' }).click()
  await expect(page).toHaveURL(/\/operator\/resellers\/[0-9a-f-]{36}/)
  const sheet = page.locator('.sheet')
  await expect(sheet).toContainText('0 of 25')
  await sheet.getByLabel('E-mail address').fill(login.email)
  await sheet.getByLabel('First password').fill(login.password)
  await sheet.getByRole('button', { name: 'Make this login' }).click()
  await expect(sheet).toContainText(login.email)
  const theirs = await browser.newContext(newContext)
  const theirPage = await theirs.newPage()
  await signIn(theirPage, login, PARTNER)
  await expect(theirPage.getByText('No customer yet')).toBeVisible()

  await openAct(page, 'Suspend this reseller')
  await sheet.locator('form').last().getByLabel('Reason').fill('Exercise')
  await page.getByRole('button', { name: `Suspend Finch ${tag}` }).click()
  await expect(sheet.locator('.badge').first()).toContainText('Suspended')
  await theirPage.goto(`${origin()}/partner`)
  await expect(theirPage).toHaveURL(/\/sign-in/)
  await theirs.close()
})

test('each portal refuses the other roles', async ({ browser }) => {
  const portals = ['/console', '/partner', '/operator'] as const
  const who = [
    { login: demo().domainAdmin, home: CONSOLE, own: '/console' },
    { login: demo().reseller, home: PARTNER, own: '/partner' },
    { login: demo().operator, home: OPERATOR, own: '/operator' },
    { login: subscriber(0), home: DASHBOARD, own: '/dashboard' },
  ]
  for (const { login, home, own } of who) {
    const context = await browser.newContext({ ...newContext, storageState: await sessionOf(browser, login, home) })
    const page = await context.newPage()
    for (const portal of portals) {
      if (portal === own) continue
      for (const path of [portal, `${portal}/audit`]) {
        await page.goto(`${origin()}${path}`)
        await expect(page).toHaveURL(`${origin()}${own}`)
      }
    }
    await context.close()
  }
  const nobody = await browser.newContext(newContext)
  const page = await nobody.newPage()
  for (const portal of portals) {
    await page.goto(`${origin()}${portal}`)
    await expect(page).toHaveURL(/\/sign-in/)
  }
  expect((await nobody.request.get(`${origin()}/console/people/csv`)).status()).toBe(404)
  await nobody.close()
})

test('a sheet of nothing says so', async ({ page }) => {
  await signIn(page, demo().domainAdmin, CONSOLE)
  const answer = await page.goto(`${origin()}/console/people/00000000-0000-7000-8000-000000000000`)
  expect([200, 404]).toContain(answer?.status())
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not here')
})

/** The address of the last row's sheet in a list. */
async function sheetOf(page: Page, list: string): Promise<string> {
  await page.goto(`${origin()}${list}`)
  return (await page.locator('tbody a.nm').last().getAttribute('href')) ?? list
}

const READY = 'main h1'

test.describe('axe finds nothing serious', () => {
  test.describe.configure({ timeout: 240_000 })
  const cases = [
    {
      name: 'console',
      login: () => demo().domainAdmin,
      home: CONSOLE,
      list: '/console/people',
      paths: [
        '/console',
        '/console/people',
        '/console/people/add',
        '/console/domains',
        '/console/domains/add',
        '/console/retention',
        '/console/audit',
      ],
    },
    {
      name: 'partner',
      login: () => demo().reseller,
      home: PARTNER,
      list: '/partner/customers',
      paths: [
        '/partner',
        '/partner/customers',
        '/partner/customers/add',
        '/partner/domains',
        '/partner/statistics',
        '/partner/audit',
      ],
    },
    {
      name: 'operator',
      login: () => demo().operator,
      home: OPERATOR,
      list: '/operator/resellers',
      paths: [
        '/operator',
        '/operator/resellers',
        '/operator/resellers/add',
        '/operator/regions',
        '/operator/promises',
        '/operator/audit',
      ],
    },
  ]
  for (const { name, login, home, list, paths } of cases) {
    test(`in the ${name}`, async ({ browser }) => {
      const session = await sessionOf(browser, login(), home)
      const context = await browser.newContext({ ...newContext, storageState: session })
      const sheet = await sheetOf(await context.newPage(), list)
      await context.close()
      const pages = [...paths.map((path) => ({ path, ready: READY })), { path: sheet, ready: '.sheet h2' }]
      await expectAccessible(browser, pages, session)
    })
  }
})
