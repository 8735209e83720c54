import { Fault } from '../../engine/model/fault.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import type { CheckpointStore, Manifest } from '../../engine/stream/checkpoint.ts';

/**
 * [E8] Stored state and plan must fit, before anything starts: a change that would lose state is refused with the choices.
 * Gives the nodes of `fresh` that hold state which is to be forgotten once the run begins.
 */
export function checkStoredState(
  plan: Plan,
  manifest: Manifest,
  store: CheckpointStore,
  fresh: readonly string[],
): readonly string[] {
  const lost: string[] = [];
  const forgotten: string[] = [];
  for (const [node, hash] of Object.entries(manifest.stateHashes)) {
    const step = plan.steps.find((candidate) => candidate.node === node);
    const holds = store.hasState(node) || manifest.sources[node] !== undefined;
    if (!holds) continue;
    if (fresh.includes(node)) {
      forgotten.push(node);
      continue;
    }
    if (step === undefined) lost.push(`${node} is no longer in the pipeline`);
    else if (step.stateHash !== hash) lost.push(`${node} has other settings that decide its state`);
  }
  if (lost.length === 0) return forgotten;
  throw new Fault(
    'refused',
    'state_would_be_lost',
    `The stored state does not fit this pipeline: ${lost.join('; ')}. Nothing was read or written.`,
    {
      mend: 'Start those nodes without their state (--fresh-node NODE), reprocess everything (--fresh), or go back to the former pipeline.',
    },
  );
}
