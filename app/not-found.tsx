import type { Metadata } from 'next'
import { AuthCard, ButtonLink } from './_ui'

export const metadata: Metadata = { title: 'Not found' }

/** Nothing at this address; what is not there and what is not yours look alike. */
export default function NotFound() {
  return (
    <AuthCard
      title="There is nothing at this address"
      lead="It may have been moved or deleted, or the link was cut short. Nothing of yours was changed."
    >
      <div className="row many">
        <ButtonLink kind="primary" href="/">
          To the home page
        </ButtonLink>
        <ButtonLink href="/sign-in">Sign in</ButtonLink>
      </div>
    </AuthCard>
  )
}
