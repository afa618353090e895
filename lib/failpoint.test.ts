import { expect, it } from 'vitest'
import { parseFailpoints } from './failpoint'

it('arms what is named with a chance, and nothing in production', () => {
  const text = 'before-commit=0.5, after-commit=1,nonsense,x=2,y=-1'
  expect([...parseFailpoints(text, 'test')]).toEqual([
    ['before-commit', 0.5],
    ['after-commit', 1],
  ])
  expect(parseFailpoints(text, 'production').size).toBe(0)
  expect(parseFailpoints(undefined, 'test').size).toBe(0)
})
