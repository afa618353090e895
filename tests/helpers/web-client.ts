import { request } from 'node:https'

export interface WebAnswer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: Buffer
}

/** One request to an instance's own TLS listener; its certificate is self-made, so it is not checked. */
export function requestWeb(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<WebAnswer> {
  return new Promise((done, reject) => {
    const { method = 'GET', headers, body } = options
    const req = request(
      { host: '127.0.0.1', port, path, method, headers, rejectUnauthorized: false, timeout: 10_000 },
      (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('error', reject)
        res.on('end', () => done({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }))
      },
    )
    req.on('timeout', () => req.destroy(new Error('The web listener did not answer.')))
    req.on('error', reject)
    req.end(body)
  })
}

/** A browser's part in signing in and calling procedures: it keeps cookies and names its origin. */
export interface WebSession {
  /** Null when signed in, else the word of the failure. */
  signIn(login: { email: string; password: string }): Promise<string | null>
  /** A query; throws with the status when it is not answered with 200. */
  query<T>(path: string, input?: unknown): Promise<T>
  get(path: string): Promise<WebAnswer>
}

export function webSession(port: number): WebSession {
  const origin = `https://localhost:${port}`
  const cookies = new Map<string, string>()
  const call = async (path: string, form?: Record<string, string>): Promise<WebAnswer> => {
    const answer = await requestWeb(port, path, {
      method: form ? 'POST' : 'GET',
      headers: {
        host: `localhost:${port}`,
        'sec-fetch-site': 'same-origin',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { origin, 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      body: form ? new URLSearchParams(form).toString() : undefined,
    })
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    signIn: async ({ email, password }) => {
      const { csrfToken = '' } = JSON.parse((await call('/api/auth/csrf')).body.toString()) as { csrfToken?: string }
      const form = { username: email, password, csrfToken, callbackUrl: '/', json: 'true' }
      const answer = await call('/api/auth/callback/credentials', form)
      const { url = '' } = JSON.parse(answer.body.toString()) as { url?: string }
      const error = URL.canParse(url) ? new URL(url).searchParams.get('error') : null
      return error ?? (answer.status === 200 ? null : String(answer.status))
    },
    query: async <T>(path: string, input?: unknown) => {
      const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`
      const answer = await call(`/api/trpc/${path}${query}`)
      if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`)
      return (JSON.parse(answer.body.toString()) as { result: { data: { json: T } } }).result.data.json
    },
    get: (path) => call(path),
  }
}
