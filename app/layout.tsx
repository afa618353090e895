import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './globals.css'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import mark from './_ui/mark.svg'

// Every page carries the nonce of its own response, so none may be rendered ahead of time.
export const dynamic = 'force-dynamic'

export const metadata: Metadata = {
  title: { default: 'MailTight', template: '%s: MailTight' },
  description: 'Private mail with the proof attached: every promise is a test anyone may read.',
  icons: [{ url: mark.src, type: 'image/svg+xml' }],
  referrer: 'no-referrer',
  formatDetection: { email: false, telephone: false, address: false },
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' }

/** The document around every page: language, fonts, tokens and the way past the navigation. It sets nothing on the reader. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#main">
          Skip to content
        </a>
        {children}
      </body>
    </html>
  )
}
