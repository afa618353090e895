import type { Sql } from '#db/client'
import type { ResellerId, StaffId } from '#lib/ids'

export interface StaffLogin {
  staffId: StaffId
  kind: 'operator' | 'reseller'
  resellerId: ResellerId | null
  passwordHash: string
  state: string
  epoch: number
}

/** The member of staff with this address (db/unsafe; look-up role). */
export async function staffForSignIn(sql: Sql, emailHash: Buffer): Promise<StaffLogin | undefined> {
  const rows = await sql<StaffLogin[]>`
    select staff_id "staffId", kind, reseller_id "resellerId", password_hash "passwordHash", state, epoch
    from unsafe.staff_for_sign_in(${emailHash})`
  return rows[0]
}
