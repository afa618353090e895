import { connect, type Sql } from '#db/client'
import { silentLog } from '#lib/log'
import type { Delivery, Mailbox, MailStore } from '#mailcore/ports'
import { createDelivery } from '#mailcore/store/delivery'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

/** For tests: somebody to deliver to. */
export interface Person {
  account: TestAccount
  mailbox: Mailbox
  store: MailStore
}

/** For tests: a world with a house, its delivery, and an administrator of its mail database who looks past every policy. */
export interface DeliveryGround {
  world: World
  house: Awaited<ReturnType<World['makeHouse']>>
  delivery: Delivery
  admin: Sql
  newPerson(): Promise<Person>
  close(): Promise<void>
}

export async function deliveryGround(): Promise<DeliveryGround> {
  const world = await createWorld()
  const house = await world.makeHouse()
  const url = world.adminUrls.main.replace(/\/[^/?]*(\?|$)/, `/${world.prefix}_mail_eu$1`)
  const admin = connect(url, { max: 1, name: 'test' })
  let made = 0
  return {
    world,
    house,
    delivery: createDelivery({ db: world.db, log: silentLog }),
    admin,
    newPerson: async () => {
      const account = await world.makeAccount(house.tenant, { address: `p${++made}@${house.domain}` })
      const [found] = await world.core.directory.resolve([account.address])
      if (found?.kind !== 'mailbox') throw new Error('no mailbox')
      return { account, mailbox: found.mailbox, store: await world.core.open(account) }
    },
    close: async () => {
      await admin.end()
      await world.close()
    },
  }
}
