import { describe, expect, it } from 'vitest'
import { csvOf } from './csv'

describe('csvOf', () => {
  it('quotes what would break a row and disarms what a spreadsheet would run', () => {
    expect(
      csvOf(
        ['Name', 'Seats'],
        [
          ['Ada "A", B', 3],
          ['=cmd()', null],
          ['-1+1', '@x'],
        ],
      ),
    ).toBe('Name,Seats\r\n"Ada ""A"", B",3\r\n\'=cmd(),\r\n\'-1+1,\'@x\r\n')
  })
})
