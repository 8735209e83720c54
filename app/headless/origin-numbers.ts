import type { Plan } from '../../engine/plan/plan.ts';
import type { Manifest } from '../../engine/stream/checkpoint.ts';

/** Origin numbers are kept for ever in a state directory, so that stored pieces mean the same after an edit. */
export function originNumbers(plan: Plan, manifest: Manifest | undefined): readonly number[] {
  const known = manifest?.origins ?? {};
  let next = Math.max(-1, ...Object.values(known)) + 1;
  return plan.steps.map((step) => known[step.node] ?? next++);
}
