import type { SMTPConnection } from 'smtp-server/lib/smtp-connection'
import { decodeBase64, oauthFailure, parseOAuthBearer, parseXOAuth2 } from '#mailcore/proto/sasl'

/** Mechanisms that carry an access token. smtp-server has none of the first and reads the second loosely, so both are read here. */
export type BearerMechanism = 'OAUTHBEARER' | 'XOAUTH2'

/** The mechanism that an AUTH command names (RFC 4954 section 4), if it is one of these. */
export function bearerMechanism(command: Buffer): BearerMechanism | null {
  const name = command.toString('latin1').trim().split(/\s+/)[1]?.toUpperCase()
  return name === 'OAUTHBEARER' || name === 'XOAUTH2' ? name : null
}

/** Runs an exchange to its end: the message with the command or after an empty challenge, and after a refusal the client's last word. */
export function authByBearer(
  connection: SMTPConnection,
  mechanism: BearerMechanism,
  command: Buffer,
  done: () => void,
): void {
  const [, , initial, more] = command.toString('latin1').trim().split(/\s+/)
  const answer = (code: number, text: string, then: () => void) => {
    connection.send(code, text)
    then()
  }
  if (more !== undefined) answer(501, '5.5.4 Syntax: AUTH mechanism [initial-response]', done)
  else if (initial !== undefined) check(connection, mechanism, initial, done)
  else {
    connection._nextHandler = (line, next) => {
      const text = line.toString('latin1')
      if (text === '*') answer(501, '5.7.0 Authentication cancelled', next)
      else check(connection, mechanism, text, next)
    }
    connection.send(334)
    done()
  }
}

function check(connection: SMTPConnection, mechanism: BearerMechanism, text: string, done: () => void): void {
  const login = read(mechanism, text)
  if (!login) {
    connection.send(501, '5.5.2 This is not a message of the mechanism')
    done()
    return
  }
  const { username, token: accessToken } = login
  // To onAuth a token is a token; smtp-server's type knows the one mechanism only.
  const auth = { method: 'XOAUTH2' as const, username, accessToken, validatePassword: () => false }
  connection._server.onAuth(auth, connection.session, (error, response) => {
    const code = error && 'responseCode' in error ? Number(error.responseCode) : 535
    const words = error?.message ?? '5.7.8 User name or token is wrong'
    if (!error && response?.user) {
      connection.session.user = response.user
      connection.session.transmissionType = connection._transmissionType()
      connection.send(235, '2.7.0 Authentication successful')
    } else if (code === 535) {
      // RFC 7628 section 3.2.3: the error goes as a challenge; whatever the client answers, the exchange has failed.
      connection._nextHandler = (_line, next) => {
        connection.send(code, words)
        next()
      }
      connection.send(334, oauthFailure())
    } else {
      connection.send(code, words)
    }
    done()
  })
}

function read(mechanism: BearerMechanism, text: string): { username: string; token: string } | null {
  const message = decodeBase64(text)
  if (!message) return null
  switch (mechanism) {
    case 'OAUTHBEARER': {
      const parsed = parseOAuthBearer(message)
      return parsed && { username: parsed.authzid, token: parsed.token }
    }
    case 'XOAUTH2': {
      const parsed = parseXOAuth2(message)
      return parsed && { username: parsed.user, token: parsed.token }
    }
  }
}
