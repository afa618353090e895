import { describe, expect, it } from 'vitest'
import { composeKind, folderWords, mailHref, placeOf, uidOf } from './paths'

describe('addresses of the webmail', () => {
  it('lead back to the folder and message they were made of, whatever the folder is called', () => {
    for (const path of ['INBOX', 'Work/2026', 'Ça va? #1', '50%']) {
      expect(placeOf(mailHref(path, 7))).toEqual({ path, uid: 7 })
      expect(placeOf(mailHref(path))).toEqual({ path, uid: null })
    }
  })
  it('name the inbox when they name nothing', () =>
    expect(placeOf('/dashboard/mail')).toEqual({ path: 'INBOX', uid: null }))
  it('carry the compose window', () => expect(mailHref('INBOX', null, 'new')).toBe('/dashboard/mail/INBOX?compose=new'))
  it.each(['0', '-1', '1e3', '1.5', '', 'x', '99999999999'])('take no uid from "%s"', (text) =>
    expect(uidOf(text)).toBeNull(),
  )
  it('know no other compose windows', () => expect(composeKind('javascript:')).toBeNull())
})

describe('folderWords', () => {
  it('shows the last part and the depth of an own folder', () => {
    expect(folderWords({ path: 'Work/2026/May', specialUse: null })).toEqual({ label: 'May', icon: 'folder', depth: 2 })
  })
  it('calls the inbox by its name', () => {
    expect(folderWords({ path: 'INBOX', specialUse: 'inbox' }).label).toBe('Inbox')
  })
})
