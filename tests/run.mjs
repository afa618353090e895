// `npm test`: everything that shows that the product works, on a fresh clone too. A step that fails ends the run with 1.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../bin/build.mjs'
import { nodeBinary, prepare, root, toolEnvironment } from '../bin/prepare.mjs'
import { run } from '../bin/setup/run.mjs'
import { main, Sentence, say } from '../bin/setup/tell.mjs'

const BROWSER_CONFIG = join('tests', 'web', 'playwright.config.ts')

function findChromium() {
  const named = process.env.CHROMIUM_PATH
  const candidates = named ? [named] : ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The browser that the web tests drive. Root on Debian installs it; anyone else is told, and the run fails rather than skips. */
async function browser() {
  const found = findChromium()
  if (found) return found
  const apt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  if (process.getuid?.() === 0 && apt) {
    say('Installing chromium through apt (for the browser tests) …')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const update = await run('apt-get', ['update', '-q'], { cwd: root, env })
    const install = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
      cwd: root,
      env,
    })
    const installed = findChromium()
    if (installed) return installed
    process.stderr.write(`${(update.code === 0 ? install : update).output.trim()}\n`)
  }
  throw new Sentence(
    'The browser tests need Debian’s chromium: install it (apt-get install chromium), or set CHROMIUM_PATH.',
  )
}

const onPath = (name) =>
  (process.env.PATH ?? '').split(':').some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** The mail programs of tests/programs. Root on Debian installs those that are missing; whoever cannot is told which are left out. */
async function mailPrograms() {
  const packages = JSON.parse(readFileSync(join(root, 'tests', 'programs', 'packages.json'), 'utf8'))
  const missing = () => Object.keys(packages).filter((name) => !onPath(name))
  const wanted = missing().map((name) => packages[name])
  if (wanted.length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
    say(`Installing ${wanted.join(', ')} through apt (for the tests with mail programs) …`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update', '-q'], { cwd: root, env })
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...wanted], { cwd: root, env })
  }
  const left = missing()
  if (left.length > 0)
    say(
      `Without ${left.join(', ')}: what needs them is left out. Install: apt-get install ${left.map((name) => packages[name]).join(' ')}`,
    )
  return left.length === 0
}

/** Runs one tool of the clone under its own Node, its output shown. */
async function step(title, script, args, extra = {}) {
  say(`${title} …`)
  const began = Date.now()
  const { code } = await run(nodeBinary(), [join(root, 'node_modules', script), ...args], {
    cwd: root,
    env: toolEnvironment(extra),
    show: true,
  })
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  say(code === 0 ? `${title}: passed in ${seconds} s.` : `${title}: FAILED after ${seconds} s.`)
  return code === 0
}

await main(async () => {
  await prepare()
  const withBrowser = existsSync(join(root, BROWSER_CONFIG))
  const chromium = withBrowser ? await browser() : undefined
  const programs = await mailPrograms()
  await build()
  const named = process.argv.slice(2)
  const passed = []
  if (named.length === 0) {
    passed.push(await step('Format and lint', join('@biomejs', 'biome', 'bin', 'biome'), ['check', '.']))
    passed.push(await step('Types', join('typescript', 'bin', 'tsc'), ['--noEmit']))
  }
  passed.push(
    await step('Tests', join('vitest', 'vitest.mjs'), ['run', ...named], programs ? { MAILTIGHT_PROGRAMS: '1' } : {}),
  )
  if (withBrowser && named.length === 0) {
    const extra = { CHROMIUM_PATH: chromium, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' }
    passed.push(
      await step('Browser tests', join('@playwright', 'test', 'cli.js'), ['test', '-c', BROWSER_CONFIG], extra),
    )
  }
  if (passed.includes(false)) throw new Sentence('Some tests failed; they are named above.')
  say('Everything passed.')
})
