import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readPipeline } from '../../engine/plan/read-pipeline.ts';
import { Fault } from '../../engine/model/fault.ts';
import { statePath } from './state-path.ts';
import { systemReason } from './system-error.ts';

/** The usual state directory of a pipeline file. */
export function pipelineState(file: string, workspace: string): string {
  const { document } = readPipeline(textOf(file));
  if (document === undefined) {
    throw new Fault('fatal', 'not_a_pipeline', `${file} is not a pipeline file.`, {
      mend: `telemetra check ${file} tells what is wrong.`,
    });
  }
  return statePath(resolve(workspace), document.id, { reads: new Map(), writes: new Map() }, false);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault(
      'fatal',
      'not_a_pipeline',
      `The pipeline file ${file} cannot be read: ${systemReason(error) ?? String(error)}.`,
      {
        mend: 'Give the path of a pipeline file.',
        cause: error,
      },
    );
  }
}
