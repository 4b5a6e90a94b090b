import type { Frame } from '../frames/frame.ts'
import { Pipeline } from './pipeline.ts'
import type { Processor } from './processor.ts'

/**
 * Runs one processor alone: starts it, feeds it the frames, waits until all are handled.
 * @returns what came out below and above, without the start and probe frames
 */
export async function runProcessor(
  processor: Processor,
  frames: readonly Frame[],
): Promise<Frame[]> {
  const out: Frame[] = []
  const pipeline = new Pipeline([processor], (arrived) => {
    if (arrived.type !== 'start' && arrived.type !== 'probe') out.push(arrived)
  })
  pipeline.start()
  for (const each of frames) await pipeline.push(each)
  await pipeline.flush()
  return out
}
