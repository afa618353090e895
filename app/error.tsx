'use client'
import { AuthCard, Button, ButtonLink } from './_ui'

/** What is left when a page failed: what happened, that nothing was lost, what to do. */
export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <AuthCard
      title="This page could not be shown"
      lead="Something failed on our side while it was put together. Nothing was changed and nothing was lost."
    >
      <div className="row many">
        <Button kind="primary" onClick={reset}>
          Try again
        </Button>
        <ButtonLink href="/">To the home page</ButtonLink>
      </div>
    </AuthCard>
  )
}
