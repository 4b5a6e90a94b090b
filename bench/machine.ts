import os from 'node:os'

/** Where figures were measured: without it a number says nothing. */
export type MachineFacts = {
  cores: number
  cpu: string
  memory_mb: number
  kernel: string
  node: string
}

export const machineFacts = (): MachineFacts => ({
  cores: os.availableParallelism(),
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  memory_mb: Math.round(os.totalmem() / 2 ** 20),
  kernel: os.release(),
  node: process.version,
})
