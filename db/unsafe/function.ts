/** One read across tenants as a function that runs with the owner's rights (SECURITY DEFINER) and answers one question. */
export interface UnsafeFunction {
  name: string
  args: string
  returns: string
  body: string
  language?: 'sql' | 'plpgsql'
  volatile?: boolean
  to: readonly string[]
}
