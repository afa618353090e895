'use client'
import { Button, Empty, PageHead } from '../../_ui'

/** A page failed, most often because a database is restarting; the frame stays, so one can go elsewhere. */
export function PortalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <>
      <PageHead title="This page could not be shown" lead="Something failed on our side while it was put together." />
      <section className="card">
        <Empty
          icon="alert"
          title="Nothing was changed and nothing was lost"
          text="A part of the system may be restarting, which takes seconds. If it happens again in a minute, tell whoever runs this service."
          act={
            <Button kind="primary" onClick={reset}>
              Try again
            </Button>
          }
        />
      </section>
    </>
  )
}
