import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interfaceOf, quantisationOf } from './settings.ts'

for (const [model, quantisation] of [
  ['Qwen3-0.6B-Q4_K_M.gguf', 'Q4_K_M'],
  ['model.Q8_0.gguf', 'Q8_0'],
  ['model_iq3_xxs.gguf', 'IQ3_XXS'],
  ['model-bf16.gguf', 'BF16'],
  ['model-F32.GGUF', 'F32'],
  ['tool-caller.gguf', 'unknown'],
  ['Q4_K_M-model.gguf', 'unknown'],
] as const)
  test(`${model} is stored as ${quantisation}`, () => {
    assert.equal(quantisationOf(model), quantisation)
  })

test('the interface of an address is found, and another address is refused with those there are', () => {
  assert.equal(interfaceOf('127.0.0.1'), 'lo')
  assert.throws(() => interfaceOf('192.0.2.1'), /192\.0\.2\.1 is not an address .* 127\.0\.0\.1/)
})
