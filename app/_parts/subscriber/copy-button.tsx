'use client'
import { useState } from 'react'
import { Button } from '../../_ui'

/** Copies a text and says so; where the browser refuses, it says that instead. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      setState('refused')
    }
  }
  return (
    <>
      <Button size="s" icon={state === 'copied' ? 'check' : 'copy'} onClick={() => void copy()}>
        {label}
      </Button>
      <span className="hint t13" role="status">
        {state === 'copied'
          ? 'Copied.'
          : state === 'refused'
            ? 'The browser did not allow it: select the text and copy it.'
            : ''}
      </span>
    </>
  )
}
