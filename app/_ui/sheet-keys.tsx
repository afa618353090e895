'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/** Escape closes the sheet, unless something above it takes the key; the title takes the focus when it opens. Part of `Sheet`. */
export function SheetKeys({ closeHref, titleId }: { closeHref: string; titleId: string }) {
  const router = useRouter()
  useEffect(() => {
    document.getElementById(titleId)?.focus({ preventScroll: true })
  }, [titleId])
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (document.querySelector('dialog[open], :popover-open')) return
      router.push(closeHref, { scroll: false })
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [closeHref, router])
  return null
}
