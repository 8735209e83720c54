import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { StandIns } from './stand-ins.ts';

/**
 * `<workspace>/state/<id>`; with files in place of sources or sinks `<id>-<hash of those arguments>`,
 * so that the same command continues where it stopped.
 */
export function statePath(workspace: string, pipelineId: string, files: StandIns, bounded: boolean): string {
  if (files.reads.size === 0 && files.writes.size === 0) return join(workspace, 'state', pipelineId);
  const words = JSON.stringify([[...files.reads].toSorted(), [...files.writes].toSorted(), bounded]);
  return join(workspace, 'state', `${pipelineId}-${createHash('sha256').update(words).digest('hex').slice(0, 12)}`);
}
