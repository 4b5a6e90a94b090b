import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CpuVariant } from '../../contract/hardware.ts'
import { cpuVariant } from './cpu-variant.ts'

const BASE = 'fpu sse sse2 lm'
const AVX = 'sse4_1 sse4_2 avx'
const AVX2 = `${AVX} f16c fma avx2 bmi1 bmi2`
const AVX512 = `${AVX2} avx512f avx512cd avx512vl avx512dq avx512bw`

/** Processors that people have on a shelf, by the flags that Linux shows. */
const PROCESSORS: [string, string, CpuVariant][] = [
  ['Core 2 Duo E8400', 'ssse3 sse4_1', 'x64'],
  ['Core i5-650 (Westmere)', 'sse4_1 sse4_2', 'sse42'],
  ['Core i5-2400', AVX, 'sandybridge'],
  ['FX-8150 (Bulldozer: FMA4 is no FMA)', `${AVX} fma4`, 'sandybridge'],
  ['Core i5-3470', `${AVX} f16c`, 'ivybridge'],
  ['FX-8350', `${AVX} f16c fma`, 'piledriver'],
  ['Core i5-4590', AVX2, 'haswell'],
  ['a hypervisor that hides BMI2', `${AVX} f16c fma avx2`, 'piledriver'],
  ['Core i9-7900X', AVX512, 'skylakex'],
  ['Core i3-8121U', `${AVX512} avx512vbmi`, 'cannonlake'],
  ['Xeon Gold 6230', `${AVX512} avx512_vnni`, 'cascadelake'],
  ['Core i7-1065G7', `${AVX512} avx512vbmi avx512_vnni`, 'icelake'],
  ['Xeon Gold 5318H', `${AVX512} avx512_vnni avx512_bf16`, 'cooperlake'],
  ['Ryzen 7 7700', `${AVX512} avx512vbmi avx512_vnni avx512_bf16`, 'zen4'],
  ['Core i5-12400', `${AVX2} avx_vnni`, 'alderlake'],
  [
    'Xeon Gold 6430',
    `${AVX512} avx512vbmi avx512_vnni avx512_bf16 avx_vnni amx_bf16 amx_tile amx_int8`,
    'sapphirerapids',
  ],
]
for (const [name, flags, variant] of PROCESSORS)
  test(`${name}: ${variant}`, () => assert.equal(cpuVariant(`${BASE} ${flags}`), variant))

test('every variant that Debian ships is the best one of some processor', () => {
  const found = new Set(PROCESSORS.map(([, , variant]) => variant))
  assert.deepEqual([...found].sort(), [...CpuVariant.options].sort())
})
