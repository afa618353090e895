import { describe, expect, it } from 'vitest'
import { parseMailSettings } from './mail'

describe('parseMailSettings', () => {
  it('has no scanner and the name servers of the system where nothing is set', () => {
    expect(parseMailSettings({})).toEqual({
      dns: { servers: [], validating: false },
      rspamd: null,
      clamd: null,
      proxyFrom: [],
      sendReports: false,
      lmtpFrom: [],
    })
  })

  it('reads every setting', () => {
    const settings = parseMailSettings({
      DNS_SERVERS: '127.0.0.1:5353, 10.0.0.1,[::1]:53',
      DNS_VALIDATING: 'yes',
      RSPAMD_URL: 'http://127.0.0.1:11333/',
      RSPAMD_WHEN_DOWN: 'defer',
      CLAMD: '127.0.0.1:3310',
    })
    expect(settings.dns).toEqual({ servers: ['127.0.0.1:5353', '10.0.0.1', '[::1]:53'], validating: true })
    expect(settings.rspamd).toEqual({ url: 'http://127.0.0.1:11333', whenDown: 'defer' })
    expect(settings.clamd).toEqual({ host: '127.0.0.1', port: 3310, whenDown: 'defer' })
    expect(parseMailSettings({ CLAMD: '/run/clamd.sock', CLAMD_WHEN_DOWN: 'accept' }).clamd).toEqual({
      path: '/run/clamd.sock',
      whenDown: 'accept',
    })
    expect(parseMailSettings({ PROXY_FROM: '10.0.0.1', LMTP_FROM: '127.0.0.1, ::1' })).toMatchObject({
      proxyFrom: ['10.0.0.1'],
      lmtpFrom: ['127.0.0.1', '::1'],
    })
  })

  it.each([
    [{ DNS_SERVERS: 'dns.example' }, 'DNS_SERVERS'],
    [{ DNS_VALIDATING: 'true' }, 'DNS_VALIDATING'],
    [{ RSPAMD_URL: 'localhost:11333' }, 'RSPAMD_URL'],
    [{ RSPAMD_URL: 'http://x', RSPAMD_WHEN_DOWN: 'drop' }, 'RSPAMD_WHEN_DOWN'],
    [{ CLAMD: 'nowhere' }, 'CLAMD'],
    [{ PROXY_FROM: '10.0.0.0/8' }, 'PROXY_FROM'],
    [{ LMTP_FROM: 'filter' }, 'LMTP_FROM'],
  ])('names the variable that is wrong: %o', (env, name) => {
    expect(() => parseMailSettings(env)).toThrow(name)
  })
})
