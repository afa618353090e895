// Run after every `npm install` that changes package-lock.json.
// A registry that lacks some platforms' binaries makes npm drop them from the lockfile, and then `npm ci` refuses to run.
// This puts a placeholder back for each optional platform package that is named but not listed; npm never fetches them here.
import fs from 'node:fs'

const file = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(fs.readFileSync(file, 'utf8'))
const packages = lock.packages

const first = (name, table) => table.find(([pattern]) => pattern.test(name))?.[1]
const OS = [
  [/darwin/, 'darwin'],
  [/win32|windows/, 'win32'],
  [/android/, 'android'],
  [/freebsd/, 'freebsd'],
  [/openbsd/, 'openbsd'],
  [/netbsd/, 'netbsd'],
  [/sunos/, 'sunos'],
  [/aix/, 'aix'],
  [/openharmony/, 'openharmony'],
  [/linux/, 'linux'],
]
const CPU = [
  [/arm64|aarch64/, 'arm64'],
  [/x64|x86_64|amd64/, 'x64'],
  [/ia32|x86/, 'ia32'],
  [/wasm/, 'wasm32'],
  [/riscv64/, 'riscv64'],
  [/ppc64/, 'ppc64'],
  [/s390x/, 's390x'],
  [/loong64/, 'loong64'],
  [/mips64/, 'mips64el'],
  [/arm/, 'arm'],
]

const platform = (name) => {
  const os = first(name, OS)
  const cpu = first(name, CPU)
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(/musl/.test(name) && { libc: ['musl'] }) }
}

/** Is `name` installed in some node_modules that a package at `at` can see? */
const resolves = (at, name) => {
  for (let dir = at; ; dir = dir.slice(0, Math.max(0, dir.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${dir ? `${dir}/` : ''}node_modules/${name}`]) return true
    if (!dir) return false
  }
}

let added = 0
for (const [at, meta] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(meta.optionalDependencies ?? {})) {
    const version = range.replace(/^[\^~]/, '')
    if (resolves(at, name) || !/^\d/.test(version)) continue
    packages[`node_modules/${name}`] = { version, ...platform(name), ...(meta.dev && { dev: true }), optional: true }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`placeholders added: ${added}`)
