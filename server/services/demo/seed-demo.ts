import { randomInt } from 'node:crypto'
import type { Settings } from '#lib/env'
import { Fault } from '#lib/errors'
import type { RegionId, ResellerId, TenantId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { type ServiceContext, SYSTEM } from '#server/services'
import { createAccount } from '#server/services/account/create'
import { deliverLetters } from '#server/services/demo/deliver-letters'
import { addDomain } from '#server/services/domain/add'
import { createReseller } from '#server/services/reseller/create'
import { createStaff } from '#server/services/staff/create'
import { createOperator } from '#server/services/system/create-operator'
import { createTenant } from '#server/services/tenant/create'

export interface DemoLogin {
  email: string
  password: string
}

/** The logins of the demo world; whoever writes the file adds the ports. */
export interface DemoFile {
  operator: DemoLogin
  reseller: DemoLogin
  domainAdmin: DemoLogin
  subscribers: DemoLogin[]
  domains: string[]
}

/** Makes the demo world of a new instance, by the same services that everyone uses. */
export async function seedDemo(settings: Settings): Promise<DemoFile> {
  const services = createServiceContext(settings, createLog('seed', 'error'))
  try {
    return await seedDemoWorld(
      services.ctx,
      settings.regions.map((region) => region.id as RegionId),
    )
  } finally {
    await services.stop()
  }
}

/** Makes the demo world in these regions, of which the first two are used. */
export async function seedDemoWorld(ctx: ServiceContext, regions: readonly RegionId[]): Promise<DemoFile> {
  const [first, second = first] = regions
  if (first === undefined || second === undefined) throw new Fault('BAD_REQUEST', 'The demo needs a region to live in.')
  const operator = { email: 'operator@mailtight.example', password: newPassword() }
  await createOperator(ctx, SYSTEM, { ...operator, name: 'Olive Operator' })
  // Whoever will sign up directly gets a tenant of the house's own reseller.
  await createReseller(ctx, SYSTEM, { name: 'MailTight House' })
  const { id: resellerId } = await createReseller(ctx, SYSTEM, { name: 'Harbour & Pine', seats: 250, domains: 50 })
  const reseller = { email: 'rhea@harbourpine.example', password: newPassword() }
  await createStaff(ctx, SYSTEM, { ...reseller, resellerId, name: 'Rhea Harbour' })

  const fernhill = await makeTenant(ctx, {
    resellerId,
    name: 'Fernhill School',
    region: first,
    domain: 'fernhill.example',
    seats: 40,
  })
  const tidewater = await makeTenant(ctx, {
    resellerId,
    name: 'Tidewater Boats',
    region: second,
    domain: 'tidewater.example',
  })
  const domainAdmin = await makePerson(ctx, fernhill, {
    email: 'alice@fernhill.example',
    name: 'Alice Fernhill',
    role: 'admin',
    letters: 8,
  })
  const subscribers = [
    await makePerson(ctx, fernhill, {
      email: 'bruno@fernhill.example',
      name: 'Bruno Costa',
      role: 'member',
      letters: 12,
    }),
    await makePerson(ctx, fernhill, {
      email: 'chioma@fernhill.example',
      name: 'Chioma Eze',
      role: 'member',
      letters: 10,
    }),
    await makePerson(ctx, tidewater, {
      email: 'dana@tidewater.example',
      name: 'Dana Whitlock',
      role: 'member',
      letters: 12,
    }),
    await makePerson(ctx, tidewater, {
      email: 'emil@tidewater.example',
      name: 'Emil Sørensen',
      role: 'member',
      letters: 9,
    }),
  ]
  return { operator, reseller, domainAdmin, subscribers, domains: [fernhill.domain, tidewater.domain] }
}

interface DemoTenant {
  id: TenantId
  region: RegionId
  domain: string
}

async function makeTenant(
  ctx: ServiceContext,
  input: { resellerId: ResellerId; name: string; region: RegionId; domain: string; seats?: number },
): Promise<DemoTenant> {
  const { domain, ...tenant } = input
  const { id } = await createTenant(ctx, SYSTEM, tenant)
  await addDomain(ctx, SYSTEM, { tenantId: id, name: domain, verified: true })
  return { id, region: input.region, domain }
}

async function makePerson(
  ctx: ServiceContext,
  tenant: DemoTenant,
  person: { email: string; name: string; role: 'member' | 'admin'; letters: number },
): Promise<DemoLogin> {
  const { email, name, role } = person
  const password = newPassword()
  const { id: accountId } = await createAccount(ctx, SYSTEM, {
    tenantId: tenant.id,
    address: email,
    name,
    password,
    role,
  })
  const to = { tenantId: tenant.id, accountId, region: tenant.region, name, address: email }
  await deliverLetters(ctx, to, person.letters)
  return { email, password }
}

const LETTERS_OF_PASSWORDS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Four groups of five, to be read and typed: 99 bits of chance. */
function newPassword(): string {
  const group = () =>
    Array.from({ length: 5 }, () => LETTERS_OF_PASSWORDS[randomInt(LETTERS_OF_PASSWORDS.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
