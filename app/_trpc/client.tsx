'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { type ReactNode, useState } from 'react'
import superjson from 'superjson'
import type { AppRouter } from '#server/routers/index'

/** `useTRPC().dashboard.mail.folders.queryOptions()` for useQuery, `.mutationOptions()` for useMutation. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()

const BATCH_MOST = 10

/** The procedures over HTTP, for code outside of components. */
export const createClient = () =>
  createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: '/api/trpc',
        transformer: superjson,
        maxItems: BATCH_MOST,
        // Inputs go in a body: addresses and ids have no place in a URL, which history and logs keep.
        methodOverride: 'POST',
        headers: { 'content-type': 'application/json' },
      }),
    ],
  })

const createQueries = () =>
  new QueryClient({
    defaultOptions: {
      // A refusal does not become an answer by asking again; an outage does.
      queries: { staleTime: 5_000, retry: (count, error) => count < 2 && codeOf(error) === 'SERVICE_UNAVAILABLE' },
    },
  })

/** Gives the components below it the procedures over HTTP. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueries)
  const [client] = useState(createClient)
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={client} queryClient={queries}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data?.code : undefined
}

/** What to say when a call failed, and at which field of the form. */
export function refusalOf(error: unknown): { code: string; text: string; field: string | undefined } {
  if (error instanceof TRPCClientError) {
    const { data, message } = error as TRPCClientError<AppRouter>
    if (data) return { code: data.code, text: message, field: data.field }
  }
  return { code: 'UNREACHABLE', text: 'The server cannot be reached. Please try again in a moment.', field: undefined }
}
