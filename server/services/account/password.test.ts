import { describe, expect, it } from 'vitest'
import { checkPassword } from '#server/services/account/password'

const about = { address: 'rosalind@fernhill.example' }

describe('the rules for passwords', () => {
  it.each([
    ['too short', 'kJ8#qLm2x!P'],
    ['breached', 'qwertyuiop123'],
    ['breached with digits', 'Football2025!!'],
    ['breached with letters replaced', 'P@ssw0rd2024'],
    ['repeated', 'xyxyxyxyxyxyxy'],
    ['the local part', 'my-Rosalind-77-key'],
    ['the domain', 'FERNHILL is home 9'],
    ['too long', 'x9'.repeat(600)],
  ])('refuse what is %s', (_, password) => {
    expect(() => checkPassword(password, about)).toThrow()
  })

  it.each([
    'violet-Kettle-42-harbour',
    'ein langer Satz über Boote',
    'q7mzk-2hdpx-9vtrb-c4wjn',
    'пароль из четырёх слов',
  ])('take %s', (password) => {
    expect(() => checkPassword(password, about)).not.toThrow()
  })
})
