import { readFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test'

export interface Login {
  email: string
  password: string
}

/** What demo.json holds. */
export interface Demo {
  operator: Login
  reseller: Login
  domainAdmin: Login
  subscribers: Login[]
  ports: Record<string, number>
}

/** The demo world of the instance under test. */
export function demo(): Demo {
  const file = process.env.MAILTIGHT_WEB_TEST_DEMO
  if (!file) throw new Error('No instance was started: tests/web/instance.ts is the global set-up.')
  return JSON.parse(readFileSync(file, 'utf8')) as Demo
}

/** Where the instance under test answers. */
export const origin = (): string => `https://localhost:${demo().ports.https}`

/** One of the demo subscribers, from 0. */
export function subscriber(index: number): Login {
  const found = demo().subscribers[index]
  if (!found) throw new Error(`The demo world has no subscriber ${index}.`)
  return found
}

export const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  baseURL: async ({}, use) => use(origin()),
})

/** Signs in on the sign-in page, and waits for the page of `path` (a pattern of its address) behind it. */
export async function signIn(page: Page, login: Login, path: string | RegExp): Promise<void> {
  await page.goto(`${origin()}/sign-in`)
  await page.getByLabel('Address').fill(login.email)
  await page.getByLabel('Password').fill(login.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(path)
}

/** The session of somebody signed in, for contexts of one's own: `browser.newContext({ storageState })`. */
export async function sessionOf(
  browser: Browser,
  login: Login,
  path: string | RegExp,
): Promise<Awaited<ReturnType<BrowserContext['storageState']>>> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  await signIn(await context.newPage(), login, path)
  const state = await context.storageState()
  await context.close()
  return state
}

/** The widths and themes every page is looked at in. */
export const LOOKS = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const

/**
 * Looks at pages in every width and theme: axe finds nothing serious or critical, and no page is wider than its window. `ready` is a
 * selector that stands when the page is complete. The pages' own policy is off in these contexts, since axe is a script put into them.
 */
export async function expectAccessible(
  browser: Browser,
  pages: readonly { path: string; ready: string }[],
  storageState?: Awaited<ReturnType<BrowserContext['storageState']>>,
): Promise<void> {
  const found: string[] = []
  for (const { width, height, colorScheme } of LOOKS) {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      bypassCSP: true,
      viewport: { width, height },
      colorScheme,
      reducedMotion: 'reduce',
      storageState,
    })
    const page = await context.newPage()
    for (const { path, ready } of pages) {
      const where = `${path} at ${width}, ${colorScheme}`
      await page.goto(`${origin()}${path}`)
      await page.locator(ready).first().waitFor()
      const { violations } = await new AxeBuilder({ page }).analyze()
      for (const { id, impact, nodes } of violations) {
        if (impact !== 'serious' && impact !== 'critical') continue
        found.push(
          `${where}: ${id} (${impact}) at ${nodes
            .map((node) => node.target.join(' '))
            .slice(0, 3)
            .join(', ')}`,
        )
      }
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (over > 0) found.push(`${where}: ${over} px wider than the window`)
    }
    await context.close()
  }
  expect(found).toEqual([])
}

export { expect }
