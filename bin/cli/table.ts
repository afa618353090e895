import type { CommandModule, CommandSpec } from '#bin/cli/command'

/** Every command with its arguments. Scripts rely on these names. */
export const COMMANDS: readonly CommandSpec[] = [
  { words: 'status', summary: 'Show the processes of this instance' },
  {
    words: 'operator create',
    summary: 'Make an operator, who may see resellers and regions',
    positionals: ['ADDRESS'],
    options: ['name'],
    password: true,
  },
  { words: 'reseller create', summary: 'Make a reseller', options: ['name!', 'seats', 'storage-gb', 'domains'] },
  { words: 'reseller list', summary: 'List resellers' },
  {
    words: 'tenant create',
    summary: 'Make a tenant of a reseller in a region',
    options: ['reseller!', 'name!', 'region!', 'seats', 'storage-gb', 'domains'],
  },
  { words: 'tenant list', summary: 'List tenants', options: ['reseller'] },
  { words: 'domain add', summary: 'Give a tenant a domain', options: ['tenant!', 'name!'], flags: ['verified'] },
  {
    words: 'domain dns',
    summary: 'Look up the DNS records of a domain, or print them as a zone file',
    positionals: ['DOMAIN'],
    flags: ['zone'],
  },
  { words: 'dkim list', summary: 'List the signing keys of a domain', positionals: ['DOMAIN'] },
  { words: 'dkim rotate', summary: 'Make new signing keys for a domain', positionals: ['DOMAIN'] },
  {
    words: 'account create',
    summary: 'Make an account',
    positionals: ['ADDRESS'],
    options: ['tenant', 'name'],
    password: true,
  },
  {
    words: 'account suspend',
    summary: 'Close every door to an account',
    positionals: ['ADDRESS'],
    options: ['reason!'],
  },
  { words: 'account resume', summary: 'Open them again', positionals: ['ADDRESS'], options: ['reason!'] },
  {
    words: 'account terminate',
    summary: 'End an account and destroy its keys',
    positionals: ['ADDRESS'],
    options: ['reason!', 'receipt'],
    flags: ['now'],
  },
  { words: 'account reset-password', summary: 'Set a new password', positionals: ['ADDRESS'], password: true },
  { words: 'account list', summary: 'List the accounts of a tenant', options: ['tenant!'] },
  {
    words: 'export',
    summary: 'Write the mail of an account to files',
    positionals: ['ADDRESS'],
    options: ['format', 'out!'],
  },
  {
    words: 'trace list',
    summary: 'Show the ways of messages of a tenant, without addresses',
    options: ['tenant!', 'message', 'after'],
    flags: ['troubled'],
  },
  { words: 'receipt', summary: 'Show the privacy receipt of a sent message', positionals: ['ADDRESS', 'MESSAGE-ID'] },
  { words: 'queue list', summary: 'Show what waits to leave, by tenant or of one', options: ['tenant'] },
  { words: 'queue hold', summary: 'Hold waiting mail of a tenant', options: ['tenant!', 'id'] },
  { words: 'queue retry', summary: 'Try waiting mail of a tenant now', options: ['tenant!', 'id'] },
  { words: 'queue cancel', summary: 'Take waiting mail out of the queue', options: ['tenant!', 'id!'] },
  { words: 'queue expire', summary: 'Give waiting mail up and tell its senders', options: ['tenant!', 'id!'] },
  { words: 'queue reroute', summary: 'Send a message by another host', options: ['tenant!', 'id!', 'to'] },
  { words: 'queue lift', summary: 'Let an account send again', positionals: ['ADDRESS'] },
  { words: 'queue cap', summary: 'Set what a tenant may send', options: ['tenant!', 'per-hour!', 'per-day!'] },
  {
    words: 'queue pool',
    summary: 'Set a pool of source addresses, or give one to a reseller',
    options: ['name!', 'addresses', 'helo', 'reseller'],
  },
  { words: 'fsck', summary: 'Recount every invariant of the store' },
  { words: 'promises', summary: 'Check the promises of the privacy policy' },
]

/** Loads a command. The bundler finds every file of bin/commands by this pattern; only the one that is called is read. */
export async function loadCommand(spec: CommandSpec): Promise<CommandModule> {
  const name = spec.words.replaceAll(' ', '-')
  return (await import(`../commands/${name}.ts`)) as CommandModule
}
