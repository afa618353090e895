import type { NextConfig } from 'next'

// Headers, the policy's nonce, TLS and every cap belong to our own listener (server/web), which stands in front of Next and cannot be
// skipped by a route. So there is no proxy.ts: Next only renders.
const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  compress: true,
  // The optimiser decodes whatever it is pointed at; it is off, and its route is refused by the listener (W-13).
  images: { unoptimized: true },
  serverExternalPackages: ['@node-rs/argon2', 'postgres', 'nodemailer', 'postal-mime'],
  typescript: { ignoreBuildErrors: true }, // `npm run check` owns the types
}

export default config
