'use client'
import { useState } from 'react'
import { refusalOf, useTRPCClient } from '../../_trpc/client'
import type { FormError } from '../../_ui'

type Client = ReturnType<typeof useTRPCClient>

/**
 * One act on the server from a form. `errors` are what to mend: with `field` where the server named one of `fields`. After a refusal
 * nothing was changed, and the form keeps what was typed.
 */
export function useAct(fields: readonly string[] = []) {
  const client = useTRPCClient()
  const [busy, setBusy] = useState(false)
  const [errors, setErrors] = useState<FormError[]>([])
  async function run<T>(act: (client: Client) => Promise<T>): Promise<{ ok: true; value: T } | { ok: false }> {
    setBusy(true)
    setErrors([])
    try {
      return { ok: true, value: await act(client) }
    } catch (error) {
      const { text, field } = refusalOf(error)
      setErrors([{ text, field: field !== undefined && fields.includes(field) ? field : undefined }])
      return { ok: false }
    } finally {
      setBusy(false)
    }
  }
  const errorAt = (field: string): string | undefined => errors.find((error) => error.field === field)?.text
  return { busy, errors, errorAt, run, setErrors }
}
