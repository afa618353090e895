import { createServer } from 'node:http'
import type { Running } from '#lib/lifecycle'
import type { InstanceState } from '#lib/settings/instance-state'

const sample = (name: string, label: string, of: string, value: number): string => `${name}{${label}="${of}"} ${value}`

/** The instance's state in Prometheus' text format 0.0.4: numbers by role and server, nothing about people. */
export function metricsText(state: InstanceState): string {
  const up = (part: { state: string }) => (part.state === 'ready' ? 1 : 0)
  return `${[
    '# HELP mailtight_role_up Is the role ready?',
    '# TYPE mailtight_role_up gauge',
    ...state.roles.map((role) => sample('mailtight_role_up', 'role', role.role, up(role))),
    '# HELP mailtight_role_restarts_total Times the role was started again since the supervisor began.',
    '# TYPE mailtight_role_restarts_total counter',
    ...state.roles.map((role) => sample('mailtight_role_restarts_total', 'role', role.role, role.restarts)),
    '# HELP mailtight_database_up Does the embedded database server take logins?',
    '# TYPE mailtight_database_up gauge',
    ...state.postgres.map((server) => sample('mailtight_database_up', 'server', server.name, up(server))),
    '# HELP mailtight_database_restarts_total Times the embedded server was started again.',
    '# TYPE mailtight_database_restarts_total counter',
    ...state.postgres.map((server) =>
      sample('mailtight_database_restarts_total', 'server', server.name, server.restarts),
    ),
    '# HELP mailtight_info The version that runs.',
    '# TYPE mailtight_info gauge',
    sample('mailtight_info', 'version', state.version, 1),
  ].join('\n')}\n`
}

/** Serves `/metrics` on the loopback address only, whatever BIND says. */
export function serveMetrics(port: number, state: () => InstanceState): Promise<Running> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/metrics'
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    response.end(found ? metricsText(state()) : 'The metrics are at /metrics.\n')
  })
  server.requestTimeout = 5_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () =>
      resolve({
        stop: () =>
          new Promise<void>((done) => {
            server.close(() => done())
            server.closeAllConnections()
          }),
      }),
    )
  })
}
