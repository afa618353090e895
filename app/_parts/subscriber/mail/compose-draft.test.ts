import { describe, expect, it } from 'vitest'
import { draftFor, EMPTY_DRAFT, type Original, personText, splitAddresses } from './compose-draft'

const original: Original = {
  from: { name: 'Daniel Okafor', address: 'd.okafor@lindqvist.example' },
  to: [
    { name: 'Inês', address: 'ines@fernhill.example' },
    { name: '', address: 'aoife@fernhill.example' },
  ],
  cc: [{ name: '', address: 'rui@fernhill.example' }],
  replyTo: [],
  subject: 'Stair detail',
  receivedAt: new Date('2026-11-17T09:14:08Z'),
  messageId: '<2@x>',
  references: '<1@x>\r\n <0@x>',
  plain: 'Ten is fine.\n> older',
}

describe('draftFor', () => {
  it('opens empty for a new message', () => expect(draftFor('new', original, 'a@b')).toEqual(EMPTY_DRAFT))
  it('answers the author, quotes, and names what it answers', () => {
    const draft = draftFor('reply', original, 'ines@fernhill.example')
    expect(draft.to).toBe('Daniel Okafor <d.okafor@lindqvist.example>')
    expect(draft.cc).toBe('')
    expect(draft.subject).toBe('Re: Stair detail')
    expect(draft.text).toContain('Daniel Okafor <d.okafor@lindqvist.example> wrote:\n> Ten is fine.\n>> older')
    expect(draft.inReplyTo).toBe('<2@x>')
    expect(draft.references).toBe('<1@x> <0@x> <2@x>')
  })
  it('answers all but oneself, whatever the case of the address', () => {
    expect(draftFor('all', original, 'INES@fernhill.example').cc).toBe('aoife@fernhill.example, rui@fernhill.example')
  })
  it('answers where the author asked for it', () => {
    const draft = draftFor('reply', { ...original, replyTo: [{ name: '', address: 'list@x.example' }] }, 'a@b')
    expect(draft.to).toBe('list@x.example')
  })
  it('goes on with the recipients when one answers oneself', () => {
    expect(draftFor('reply', original, 'd.okafor@lindqvist.example').to).toContain('ines@fernhill.example')
  })
  it('does not pile up prefixes', () => {
    expect(draftFor('reply', { ...original, subject: 're: x' }, 'a@b').subject).toBe('re: x')
  })
  it('passes on with the head of the message and names nobody', () => {
    const draft = draftFor('forward', original, 'a@b')
    expect(draft.to).toBe('')
    expect(draft.subject).toBe('Fwd: Stair detail')
    expect(draft.text).toContain('From: Daniel Okafor')
    expect(draft.inReplyTo).toBeUndefined()
  })
})

describe('addresses', () => {
  it('quotes names that hold commas or quotes', () => {
    expect(personText({ name: 'Okafor, "D"', address: 'd@x' })).toBe('"Okafor, \\"D\\"" <d@x>')
  })
  it('splits at commas outside of quotes, semicolons and lines', () => {
    expect(splitAddresses('"Okafor, D" <d@x>, a@b;c@d\n e@f ,,')).toEqual(['"Okafor, D" <d@x>', 'a@b', 'c@d', 'e@f'])
  })
})
