import type { CpuVariant } from '../../contract/hardware.ts'

/** Flags of /proc/cpuinfo, each set on top of another one. */
const SSE42 = ['sse4_2']
const AVX = [...SSE42, 'avx']
const F16C = [...AVX, 'f16c']
const FMA = [...F16C, 'fma']
const AVX2 = [...FMA, 'avx2', 'bmi2']
const AVX512 = [...AVX2, 'avx512f', 'avx512cd', 'avx512vl', 'avx512dq', 'avx512bw']
const VBMI = 'avx512vbmi'
const VNNI = 'avx512_vnni'
const BF16 = 'avx512_bf16'

/** What each variant needs, best first: the order in which ggml's own scores rank them. */
const VARIANTS: readonly (readonly [CpuVariant, readonly string[]])[] = [
  ['sapphirerapids', [...AVX512, VBMI, VNNI, BF16, 'amx_tile', 'amx_int8']],
  ['zen4', [...AVX512, VBMI, VNNI, BF16]],
  ['cooperlake', [...AVX512, VNNI, BF16]],
  ['icelake', [...AVX512, VBMI, VNNI]],
  ['cascadelake', [...AVX512, VNNI]],
  ['cannonlake', [...AVX512, VBMI]],
  ['skylakex', AVX512],
  ['alderlake', [...AVX2, 'avx_vnni']],
  ['haswell', AVX2],
  ['piledriver', FMA],
  ['ivybridge', F16C],
  ['sandybridge', AVX],
  ['sse42', SSE42],
]

/** The variant of llama.cpp that a processor with these flags (separated by spaces) runs best. */
export function cpuVariant(flags: string): CpuVariant {
  const has = new Set(flags.split(' '))
  const best = VARIANTS.find(([, needed]) => needed.every((flag) => has.has(flag)))
  return best?.[0] ?? 'x64'
}
