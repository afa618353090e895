// Builds the program (dist/) and the web pages (.next/), each only when something it is made of has changed.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nodeBinary, prepare, root, toolEnvironment } from './prepare.mjs'
import { withLock } from './setup/lock.mjs'
import { run } from './setup/run.mjs'
import { main, Sentence, say } from './setup/tell.mjs'

const at = (...parts) => join(root, ...parts)
const COMMON = ['lib', 'db', 'mailcore', 'server', 'package.json', 'package-lock.json', 'tsconfig.json']
const PROGRAM = ['bin', ...COMMON]
const PAGES = ['app', 'public', 'next.config.ts', 'postcss.config.mjs', 'proxy.ts', ...COMMON]

function* filesOf(path) {
  if (!existsSync(path)) return
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const full = join(path, entry.name)
    if (entry.isDirectory()) yield* filesOf(full)
    else if (!/\.test\.tsx?$/.test(entry.name)) yield full
  }
}

/** A hash of the names and contents of what something is made of; tests do not count. */
function hashOf(names) {
  const hash = createHash('sha256')
  for (const name of names) {
    const path = at(name)
    const files = /\.\w+$/.test(name) ? [path].filter((file) => existsSync(file)) : filesOf(path)
    for (const file of files)
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
  }
  return hash.digest('hex')
}

const stampOf = (dir) => (existsSync(at(dir, '.stamp')) ? readFileSync(at(dir, '.stamp'), 'utf8') : '')

/** Bundles bin/main.ts; packages stay outside. It is built beside its place and moved there whole. */
async function buildProgram(stamp) {
  const esbuild = await import('esbuild')
  const half = at('node_modules', '.cache', 'mailtight-dist.new')
  rmSync(half, { recursive: true, force: true })
  try {
    await esbuild.build({
      entryPoints: { main: at('bin', 'main.ts') },
      outdir: half,
      outExtension: { '.js': '.mjs' },
      absWorkingDir: root,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      sourcemap: true,
      jsx: 'automatic',
      logLevel: 'silent',
    })
  } catch (error) {
    rmSync(half, { recursive: true, force: true })
    const first = error.errors?.[0]
    const place = first?.location ? ` (${first.location.file}:${first.location.line})` : ''
    throw first ? new Sentence(`The program could not be built: ${first.text}${place}`) : error
  }
  writeFileSync(join(half, '.stamp'), stamp)
  rmSync(at('node_modules', '.cache', 'mailtight-dist.old'), { recursive: true, force: true })
  if (existsSync(at('dist'))) renameSync(at('dist'), at('node_modules', '.cache', 'mailtight-dist.old'))
  renameSync(half, at('dist'))
  rmSync(at('node_modules', '.cache', 'mailtight-dist.old'), { recursive: true, force: true })
}

/** `next build`. Its types are checked by `npm run check`. */
async function buildPages(stamp) {
  rmSync(at('.next', '.stamp'), { force: true })
  const built = await run(nodeBinary(), [at('node_modules', 'next', 'dist', 'bin', 'next'), 'build'], {
    cwd: root,
    env: toolEnvironment({ NODE_ENV: 'production' }),
  })
  if (built.code !== 0) {
    process.stderr.write(`${built.output.trim()}\n`)
    throw new Sentence('The web pages could not be built; the reason stands above.')
  }
  writeFileSync(at('.next', '.stamp'), stamp)
}

/** Builds what is out of date; two starts at once build once. */
export async function build() {
  const steps = [
    { dir: 'dist', what: 'program', stamp: hashOf(PROGRAM), make: buildProgram },
    { dir: '.next', what: 'web pages', stamp: hashOf(PAGES), make: buildPages },
  ]
  if (steps.every(({ dir, stamp }) => stampOf(dir) === stamp)) return
  await withLock(at('node_modules', '.cache', 'mailtight-build.lock'), say, async () => {
    for (const { dir, what, stamp, make } of steps) {
      if (stampOf(dir) === stamp) continue
      say(`Building the ${what} …`)
      const began = Date.now()
      await make(stamp)
      say(`Built the ${what} in ${((Date.now() - began) / 1000).toFixed(1)} s.`)
    }
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await prepare()
    await build()
  })
}
