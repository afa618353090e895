import type { Page } from '@playwright/test'
import { expect, expectAccessible, origin, sessionOf, signIn, subscriber, test } from './support'

const HOME = /\/dashboard$/

/** Fills the compose window and sends. */
async function send(page: Page, mail: { to: string; subject: string; text: string }): Promise<void> {
  await page.goto(`${origin()}/dashboard/mail/INBOX?compose=new`)
  const sheet = page.getByRole('region', { name: 'New message' })
  await sheet.getByLabel('To', { exact: true }).fill(mail.to)
  await sheet.getByLabel('Subject').fill(mail.subject)
  await sheet.getByLabel('Message', { exact: true }).fill(mail.text)
  await sheet.getByRole('button', { name: 'Send' }).click()
}

test('a visitor gets no cookie and nothing from elsewhere', async ({ page, context }) => {
  const elsewhere: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin() && !request.url().startsWith('data:')) elsewhere.push(request.url())
  })
  await page.goto(`${origin()}/`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.goto(`${origin()}/sign-in`)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled()
  expect(await context.cookies()).toEqual([])
  expect(elsewhere).toEqual([])
})

test('a wrong password says so, keeps the address, and lets nobody in', async ({ page }) => {
  await page.goto(`${origin()}/sign-in`)
  await page.getByLabel('Address').fill(subscriber(0).email)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('The address or the password is not right.')
  await expect(page.getByLabel('Address')).toHaveValue(subscriber(0).email)
  await page.goto(`${origin()}/dashboard`)
  await expect(page).toHaveURL(/\/sign-in\?next=/)
})

test('whoever was on the way to a page comes to it after signing in', async ({ page }) => {
  await page.goto(`${origin()}/dashboard/retention`)
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fdashboard%2Fretention/)
  await page.getByLabel('Address').fill(subscriber(0).email)
  await page.getByLabel('Password').fill(subscriber(0).password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard\/retention$/)
  await expect(page.getByRole('heading', { level: 1, name: 'Deleted mail' })).toBeVisible()
})

test('the home page shows who acted, storage and devices, and leads on', async ({ page }) => {
  await signIn(page, subscriber(0), HOME)
  await expect(page.getByRole('table', { name: 'Access ledger, newest first' })).toContainText('UTC')
  await expect(page.getByRole('heading', { name: 'Storage' })).toBeVisible()
  await expect(page.getByText('This browser')).toBeVisible()
  await page.getByRole('link', { name: 'All entries' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Who acted on your account' })).toBeVisible()
  // The oldest entry of all: other journeys may have put newer ones before it on the home page.
  await expect(page.getByRole('table').first()).toContainText('Made the account')
})

test('reads a message, which is then read; marks it unread, flags it', async ({ page }) => {
  await signIn(page, subscriber(0), HOME)
  await page.goto(`${origin()}/dashboard/mail`)
  const unread = page.locator('.msgs li.un').first()
  await unread.getByRole('link').click()
  await expect(page).toHaveURL(/\/dashboard\/mail\/INBOX\/\d+$/)
  const subject = (await page.getByRole('article').first().getByRole('heading', { level: 1 }).textContent()) ?? ''
  const row = page.locator('.msgs li', { hasText: subject }).and(page.locator('.msgs li.open'))
  await expect(row).not.toHaveClass(/un/)
  const flag = page.getByRole('button', { name: /^(?:Flag|Unflag)$/ })
  const turned = (await flag.textContent()) === 'Flag' ? 'Unflag' : 'Flag'
  await flag.click()
  await expect(flag).toHaveText(turned)
  await page.reload()
  await expect(flag).toHaveText(turned)
  await page.keyboard.press('m')
  await expect(page).toHaveURL(/\/dashboard\/mail\/INBOX$/)
  await expect(page.locator('.msgs li.un', { hasText: subject }).first()).toBeVisible()
})

test('shows formatted mail only when asked, closed off from the page', async ({ page }) => {
  await signIn(page, subscriber(0), HOME)
  await page.goto(`${origin()}/dashboard/mail/INBOX`)
  await page.locator('.msgs a', { hasText: 'What is on the stalls this week' }).click()
  await expect(page.locator('.msg .text')).toContainText('goat cheese')
  await expect(page.locator('iframe')).toHaveCount(0)
  await page.getByRole('button', { name: 'Show as sent' }).click()
  const frame = page.locator('iframe')
  await expect(frame).toHaveAttribute('sandbox', /^(?!.*allow-(?:scripts|same-origin))/)
  await expect(frame.contentFrame().getByRole('cell', { name: 'Two kinds of goat cheese' })).toBeVisible()
})

test('sends to another subscriber, who sees it arrive without a click, and answers', async ({ page, browser }) => {
  const subject = `Hello from a journey ${Date.now()}`
  const other = await browser.newContext({ ignoreHTTPSErrors: true })
  const inbox = await other.newPage()
  await signIn(inbox, subscriber(1), HOME)
  await inbox.goto(`${origin()}/dashboard/mail/INBOX`)
  await inbox.locator('.msgs a').first().waitFor()

  await signIn(page, subscriber(0), HOME)
  await send(page, { to: subscriber(1).email, subject, text: 'One line.\nhttps://example.com/a stays a link.' })
  await expect(page.getByText('Sent: delivered to 1 mailbox inside.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'New message' })).toHaveCount(0)

  const arrived = inbox.locator('.msgs li.un', { hasText: subject })
  await expect(arrived).toBeVisible()
  await arrived.getByRole('link').click()
  await expect(inbox.locator('.msg .text')).toContainText('One line.')
  await inbox.keyboard.press('r')
  const sheet = inbox.getByRole('region', { name: 'Reply' })
  await expect(sheet.getByLabel('Subject')).toHaveValue(`Re: ${subject}`)
  await expect(sheet.getByLabel('Message', { exact: true })).toHaveValue(/> One line\./)
  await sheet.getByRole('button', { name: 'Send' }).click()
  await expect(inbox.getByText('Sent: delivered to 1 mailbox inside.')).toBeVisible()

  await page.goto(`${origin()}/dashboard/mail/Sent`)
  await expect(page.locator('.msgs li', { hasText: subject }).first()).toBeVisible()
  await page.goto(`${origin()}/dashboard/mail/INBOX`)
  await expect(page.locator('.msgs li.un', { hasText: `Re: ${subject}` })).toBeVisible()
  await other.close()
})

test('a refused recipient is named beside its field, and the text stays', async ({ page }) => {
  await signIn(page, subscriber(0), HOME)
  const domain = subscriber(0).email.split('@')[1]
  await send(page, { to: `nobody-at-all@${domain}`, subject: 'Never sent', text: 'This text must stay.' })
  const sheet = page.getByRole('region', { name: 'New message' })
  await expect(sheet.getByRole('alert')).toContainText(`There is no mailbox nobody-at-all@${domain}`)
  await expect(sheet.getByLabel('To', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await expect(sheet.getByLabel('Message', { exact: true })).toHaveValue('This text must stay.')
})

test('deletes a message, takes it back, deletes it from the trash, and recovers it', async ({ page }) => {
  const subject = `To be deleted ${Date.now()}`
  await signIn(page, subscriber(0), HOME)
  await send(page, { to: subscriber(0).email, subject, text: 'Short life.' })
  const row = page.locator('.msgs li', { hasText: subject })
  await row.getByRole('link').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await expect(row).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(row).toHaveCount(1)
  await row.getByRole('link').click()
  await expect(page.locator('.msg .text')).toContainText('Short life.')
  await page.keyboard.press('#')
  await expect(row).toHaveCount(0)
  await page.goto(`${origin()}/dashboard/mail/Trash`)
  await row.first().getByRole('link').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('Deleted from the trash.')).toBeVisible()
  await page.goto(`${origin()}/dashboard/retention`)
  await page.getByLabel(`Choose ${subject}`).check()
  await page.getByRole('button', { name: 'Bring back' }).click()
  await expect(page.getByText('1 message is back in your inbox.')).toBeVisible()
  await page.goto(`${origin()}/dashboard/mail/INBOX`)
  await expect(row.first()).toBeVisible()
})

test('changes how long deleted mail stays, which stands on the ledger', async ({ page }) => {
  await signIn(page, subscriber(1), HOME)
  await page.goto(`${origin()}/dashboard/retention`)
  await page.getByRole('slider', { name: 'Keep for' }).fill('3')
  await expect(page.getByText('stays recoverable for 3 days')).toBeVisible()
  await page.getByRole('button', { name: 'Save 3 days' }).click()
  await expect(page.getByText('Saved at')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: '3 days in force' })).toBeVisible()
  await page.goto(`${origin()}/dashboard/access`)
  const line = page.getByRole('row', { name: /Set deleted mail to stay recoverable for 3 days/ })
  await expect(line.first()).toContainText('You')
})

test('makes an app password, sees it once, and takes it back', async ({ page }) => {
  const label = `Phone ${Date.now()}`
  await signIn(page, subscriber(1), HOME)
  await page.goto(`${origin()}/dashboard/security`)
  await page.getByLabel('New app password for').fill(label)
  await page.getByRole('button', { name: 'Make app password' }).click()
  const password = (await page.getByTestId('new-app-password').textContent()) ?? ''
  expect(password.length).toBeGreaterThanOrEqual(16)
  await page.reload()
  await expect(page.getByText(label, { exact: true })).toBeVisible()
  expect(await page.content()).not.toContain(password)
  await page.locator('li', { hasText: label }).getByRole('button', { name: 'Take back' }).click()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await expect(page.locator('li', { hasText: label })).toHaveCount(0)
  await page.goto(`${origin()}/dashboard/access`)
  await expect(page.getByRole('row', { name: `Made the app password “${label}”` })).toHaveCount(1)
})

test('makes an access token for one use, sees it once, and takes it back', async ({ page }) => {
  const label = `Script ${Date.now()}`
  await signIn(page, subscriber(1), HOME)
  await page.goto(`${origin()}/dashboard/security`)
  await page.getByLabel('New access token for').fill(label)
  await page.getByLabel('Ends after').selectOption('7 days')
  for (const use of ['Read mail (IMAP)', 'Fetch mail (POP3)', 'Send mail (SMTP)']) await page.getByLabel(use).uncheck()
  await page.getByRole('button', { name: 'Make access token' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('Choose at least one use.')
  await page.getByLabel('Send mail (SMTP)').check()
  await page.getByRole('button', { name: 'Make access token' }).click()
  const token = (await page.getByTestId('new-access-token').textContent()) ?? ''
  expect(token).toMatch(/^mtk_[A-Za-z0-9_-]{43}$/)
  await page.reload()
  const row = page.locator('li', { hasText: label })
  await expect(row).toContainText('May send mail.')
  expect(await page.content()).not.toContain(token)
  await row.getByRole('button', { name: 'Take back' }).click()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await expect(row).toHaveCount(0)
  await page.goto(`${origin()}/dashboard/access`)
  await expect(page.getByRole('row', { name: `Made the access token “${label}”` })).toHaveCount(1)
})

test('changes the password: other browsers are signed out, this one stays, and only the new one works', async ({
  page,
  browser,
}) => {
  const login = subscriber(2)
  const changed = { ...login, password: `Walnut-${Date.now()}-kettle` }
  const change = async (from: string, to: string) => {
    await page.goto(`${origin()}/dashboard/security`)
    await page.getByLabel('Present password').fill(from)
    await page.getByLabel('New password', { exact: true }).fill(to)
    await page.getByLabel('New password again').fill(to)
    await page.getByRole('button', { name: 'Change password' }).click()
  }
  const other = await browser.newContext({ ignoreHTTPSErrors: true })
  const elsewhere = await other.newPage()
  await signIn(elsewhere, login, HOME)
  await elsewhere.goto(`${origin()}/dashboard/mail/INBOX`)
  await elsewhere.locator('.pane').waitFor()
  await signIn(page, login, HOME)
  await change('not the present one', changed.password)
  await expect(page.getByRole('main').getByRole('alert')).toContainText('This is not your present password.')
  await change(login.password, changed.password)
  await expect(page.getByText('Changed, other browsers signed out, at')).toBeVisible()
  await expect(elsewhere).toHaveURL(/\/sign-in/)
  await signIn(elsewhere, changed, HOME)
  await change(changed.password, login.password)
  await expect(page.getByText('Changed, other browsers signed out, at')).toBeVisible()
  await other.close()
})

test('exports the mailbox as one file', async ({ page }) => {
  await signIn(page, subscriber(1), HOME)
  await page.goto(`${origin()}/dashboard/export`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download my mail' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/\.mbox$/)
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk))
  expect(Buffer.concat(chunks).toString('latin1')).toMatch(/^From MAILER-DAEMON /)
})

test('signs out: the session is worth nothing afterwards', async ({ page, context }) => {
  await signIn(page, subscriber(1), HOME)
  const cookies = await context.cookies()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${origin()}/`)
  await context.clearCookies()
  await context.addCookies(cookies)
  await page.goto(`${origin()}/dashboard`)
  await expect(page).toHaveURL(/\/sign-in/)
})

test('axe finds nothing serious on the public pages, in any width or theme', async ({ browser }) => {
  test.setTimeout(180_000)
  await expectAccessible(browser, [
    { path: '/', ready: 'h1' },
    { path: '/sign-in', ready: 'button:not([disabled])' },
    { path: '/nothing-here', ready: 'h1' },
  ])
})

test('axe finds nothing serious on the subscriber’s pages, in any width or theme', async ({ browser }) => {
  test.setTimeout(300_000)
  const session = await sessionOf(browser, subscriber(0), HOME)
  await expectAccessible(
    browser,
    [
      { path: '/dashboard', ready: '#storage' },
      { path: '/dashboard/access', ready: 'table' },
      { path: '/dashboard/retention', ready: '#recoverable' },
      { path: '/dashboard/security', ready: '#sessions-title' },
      { path: '/dashboard/export', ready: '#mbox' },
      { path: '/dashboard/mail/INBOX', ready: '.msgs a' },
      { path: '/dashboard/mail/INBOX/1', ready: '.msg .text' },
      { path: '/dashboard/mail/INBOX/1?compose=reply', ready: '.compose textarea' },
      { path: '/dashboard/mail/Drafts', ready: '.empty' },
    ],
    session,
  )
})
