import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A room and what it may open the door to. `packages`: packages only this room and those named with them may import. */
export interface Room {
  /** Paths that begin with this belong to the room; the longest match counts. */
  path: string
  /** Rooms it may import, by their paths; its own is always allowed. */
  may: readonly string[]
}

/** The doors of the house, as docs/architecture.md draws them. Anything not named is shut. */
export const ROOMS: readonly Room[] = [
  { path: 'lib/', may: [] },
  { path: 'db/', may: ['lib/'] },
  { path: 'mailcore/ports', may: ['lib/'] },
  { path: 'mailcore/proto/', may: ['lib/', 'mailcore/ports'] },
  { path: 'mailcore/policy/', may: ['lib/', 'mailcore/ports', 'mailcore/proto/'] },
  { path: 'mailcore/pipeline/', may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/'] },
  {
    path: 'mailcore/smtp/',
    may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/', 'mailcore/pipeline/'],
  },
  // What the doors of reading share: listening, signing in, the life of a session.
  {
    path: 'mailcore/door/',
    may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/'],
  },
  {
    path: 'mailcore/pop3/',
    may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/', 'mailcore/door/'],
  },
  // The language alone: it asks for what it needs and acts on nothing.
  { path: 'mailcore/sieve/', may: ['lib/', 'mailcore/proto/'] },
  {
    path: 'mailcore/managesieve/',
    may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/', 'mailcore/door/', 'mailcore/sieve/'],
  },
  // Runs the owner's script over what waits in the intake folder.
  {
    path: 'mailcore/filter/',
    may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/', 'mailcore/pipeline/', 'mailcore/sieve/'],
  },
  {
    path: 'mailcore/imap/',
    may: ['mailcore/door/', 'lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/', 'mailcore/pipeline/'],
  },
  {
    path: 'mailcore/deliver/',
    may: ['lib/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/policy/', 'mailcore/pipeline/'],
  },
  // SPF, DKIM, DMARC, ARC and the scanners over a message that is coming in.
  { path: 'mailcore/checks/', may: ['lib/', 'mailcore/ports', 'mailcore/proto/'] },
  { path: 'mailcore/trace/', may: ['lib/', 'db/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/keys/'] },
  { path: 'mailcore/signing/', may: ['lib/', 'db/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/keys/'] },
  // What the deliver role does with mail for lists, and for addresses that take reports.
  {
    path: 'mailcore/lists/',
    may: ['lib/', 'db/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/keys/', 'mailcore/pipeline/'],
  },
  {
    path: 'mailcore/reports/',
    may: [
      'lib/',
      'db/',
      'mailcore/ports',
      'mailcore/proto/',
      'mailcore/keys/',
      'mailcore/trace/',
      'mailcore/pipeline/',
    ],
  },
  { path: 'mailcore/dns/', may: ['lib/', 'mailcore/ports', 'mailcore/proto/'] },
  { path: 'mailcore/keys/', may: ['lib/', 'db/', 'mailcore/ports'] },
  { path: 'mailcore/store/', may: ['lib/', 'db/', 'mailcore/ports', 'mailcore/proto/', 'mailcore/keys/'] },
  { path: 'mailcore/directory/', may: ['lib/', 'db/', 'mailcore/ports', 'mailcore/proto/'] },
  { path: 'mailcore/queue/', may: ['lib/', 'db/', 'mailcore/ports', 'mailcore/keys/', 'mailcore/store/'] },
  { path: 'mailcore/roles/', may: ['lib/', 'db/client.ts', 'mailcore/'] },
  { path: 'mailcore/api.ts', may: ['lib/', 'db/client.ts', 'mailcore/'] },
  { path: 'server/', may: ['lib/', 'db/', 'mailcore/api.ts'] },
  { path: 'app/', may: ['lib/', 'server/'] },
  { path: 'bin/', may: ['lib/', 'db/', 'server/', 'mailcore/roles/', 'mailcore/api.ts'] },
]

/** Packages that belong to some rooms only. */
export const PACKAGES: readonly { name: RegExp; rooms: readonly string[] }[] = [
  { name: /^(drizzle-orm|postgres)(\/|$)/, rooms: ['db/'] },
  {
    name: /^(next|next-auth|react|react-dom|lucide-react|@tanstack\/react-query)(\/|$)/,
    rooms: ['app/', 'server/auth/', 'server/roles/web.ts', 'server/web/'],
  },
  { name: /^@trpc\//, rooms: ['app/', 'server/'] },
  { name: /^(smtp-server)(\/|$)/, rooms: ['mailcore/smtp/'] },
  { name: /^wildduck(\/|$)/, rooms: ['mailcore/imap/'] },
  { name: /^mailauth(\/|$)/, rooms: ['mailcore/checks/', 'mailcore/signing/', 'mailcore/dns/'] },
  { name: /^(mx-connect|dns-packet)(\/|$)/, rooms: ['mailcore/dns/', 'mailcore/deliver/'] },
  { name: /^(saxes|fflate)(\/|$)/, rooms: ['mailcore/reports/', 'server/services/export/'] },
]

/** Rooms without I/O: which of node's own modules they may still use. */
const PURE: readonly { path: string; allowed: RegExp }[] = [
  { path: 'mailcore/proto/', allowed: /^node:(buffer|url|util)$/ },
]

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

/** The module names a source text imports. */
export const importsOf = (source: string): string[] =>
  [...source.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? '')

/** The file that a module name means, seen from `from`; null for a package. */
export function resolveImport(from: string, name: string, exists: (path: string) => boolean): string | null {
  const base = name.startsWith('#') ? name.slice(1) : name.startsWith('.') ? normalize(join(dirname(from), name)) : null
  if (base === null) return null
  return [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`].find(exists) ?? base
}

const longest = <T extends { path: string }>(rooms: readonly T[], path: string): T | undefined =>
  rooms.filter((room) => path.startsWith(room.path)).sort((a, b) => b.path.length - a.path.length)[0]

/** Every import through a door that is shut, as `file -> what it imports: why`. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  const exists = (path: string) => files.has(path) || existsSync(path)
  for (const [path, source] of files) {
    const room = longest(ROOMS, path)
    if (!room) continue
    for (const name of importsOf(source)) {
      const target = resolveImport(path, name, exists)
      if (target === null) {
        const rule = PACKAGES.find((one) => one.name.test(name))
        if (rule && !rule.rooms.some((allowed) => path.startsWith(allowed)))
          found.push(`${path} -> ${name}: belongs to ${rule.rooms.join(', ')}`)
        const pure = PURE.find((one) => path.startsWith(one.path))
        if (pure && name.startsWith('node:') && !pure.allowed.test(name))
          found.push(`${path} -> ${name}: this room does no I/O`)
      } else if (
        longest(ROOMS, target)?.path !== room.path &&
        !room.may.some((allowed) => target.startsWith(allowed))
      ) {
        found.push(`${path} -> ${target}: ${room.path} may open ${room.may.join(', ') || 'nothing'}`)
      }
    }
  }
  return found
}

/** Circles among files, each as the list of files one walks through; imports of types alone count too. */
export function circles(files: ReadonlyMap<string, string>): string[][] {
  const exists = (path: string) => files.has(path)
  const edges = new Map(
    [...files].map(([path, source]) => [
      path,
      importsOf(source)
        .map((name) => resolveImport(path, name, exists))
        .filter((to): to is string => to !== null && files.has(to)),
    ]),
  )
  const found: string[][] = []
  const done = new Set<string>()
  const walk = (path: string, trail: string[]) => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      found.push([...trail.slice(at), path])
      return
    }
    if (done.has(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of files.keys()) walk(path, [])
  return found
}

/** The product's own sources: tests and what only tests use are left out. */
export function readSources(root: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const top of ['lib', 'db', 'mailcore', 'server', 'app', 'bin']) {
    for (const entry of readdirSync(join(root, top), { recursive: true, withFileTypes: true })) {
      if (
        !entry.isFile() ||
        !/\.tsx?$/.test(entry.name) ||
        /\.test\.tsx?$/.test(entry.name) ||
        entry.name === 'testing.ts'
      )
        continue
      const path = join(entry.parentPath, entry.name)
      files.set(path.slice(root.length + 1), readFileSync(path, 'utf8'))
    }
  }
  return files
}
