import { demo, expect, expectAccessible, origin, signIn, test } from './support'

test('a domain admin reads the records of a domain, looks them up, sets its policy and takes them away as a zone file', async ({
  page,
  browser,
}) => {
  await signIn(page, demo().domainAdmin, /\/console$/)
  await page.goto(`${origin()}/console/domains`)
  const link = page.getByRole('link', { name: /^DNS records of / }).first()
  const name = ((await link.textContent()) ?? '').replace('DNS records of ', '').trim()
  await link.click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()

  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByText(/\d+ of \d+ records are right/)).toBeVisible()
  // Looking makes the keys of a domain that has none; their records are to be set.
  const keys = page.getByRole('table', { name: 'Signing keys of this domain' })
  await expect(keys).toContainText('Ed25519')
  await expect(page.getByRole('region', { name: `MX ${name}` })).toContainText('Missing')
  await expectAccessible(
    browser,
    [{ path: new URL(page.url()).pathname, ready: '#keys' }],
    await page.context().storageState(),
  )

  await page.getByRole('radio', { name: /^Enforce/ }).check()
  await page.getByRole('button', { name: 'Save the policy' }).click()
  await expect(page.getByText('Saved')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('radio', { name: /^Enforce/ })).toBeChecked()

  const began = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Zone file' }).click()
  expect((await began).suggestedFilename()).toBe(`${name}.zone`)

  // A person's own pages lead to nobody's records.
  await page.goto(`${origin()}/console/domains/00000000-0000-7000-8000-000000000000`)
  await expect(page.getByText('Not here').first()).toBeVisible()
})

test('a reseller reads the records of a customer’s domain', async ({ page, browser }) => {
  await signIn(page, demo().reseller, /\/partner$/)
  await page.goto(`${origin()}/partner/domains?state=verified`)
  await page.getByRole('table', { name: 'Domains of your customers' }).getByRole('link').first().click()
  await expect(page.getByRole('button', { name: 'Check now' })).toBeVisible()
  await expectAccessible(
    browser,
    [{ path: new URL(page.url()).pathname, ready: '#keys' }],
    await page.context().storageState(),
  )
})
