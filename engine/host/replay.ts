import type { SqliteStore } from './sqlite-store.ts';
import type { StoredDeadLetter } from './dead-letter-ring.ts';
import { Fault } from '../model/fault.ts';
import { formatTimestamp } from '../model/timestamp.ts';
import type { Plan } from '../plan/plan.ts';
import type { Manifest } from '../stream/checkpoint.ts';

export interface Replay {
  readonly letter: StoredDeadLetter;
  /** what is sent: the kept bytes, or new ones */
  readonly bytes: Uint8Array;
  /** known before it is sent: nodes whose windows for this event time are closed, so that it will be late there (V7) */
  readonly lateAt: readonly string[];
}

/** [V7] Whether a dead letter can be sent once more, and whether it will be late. Throws `Fault` with the reason when it cannot. */
export function planReplay(
  plan: Plan,
  manifest: Manifest | undefined,
  letter: StoredDeadLetter,
  edited: Uint8Array | undefined,
): Replay {
  const source = plan.steps.find((step) => step.node === letter.source);
  if (source === undefined || source.role !== 'source') {
    throw new Fault(
      'fatal',
      'not_replayable',
      `Dead letter ${letter.id} is a row that ${letter.source} made, not a message of a source, so it cannot be sent again.`,
      {
        mend: 'Mend the node, then read the source again.',
      },
    );
  }
  if (edited === undefined && letter.rawLength > letter.raw.length) {
    throw new Fault(
      'fatal',
      'letter_cut',
      `Dead letter ${letter.id} was ${letter.rawLength} bytes and only the first ${letter.raw.length} are kept.`,
      {
        mend: 'Send it with its whole text.',
      },
    );
  }
  return {
    letter,
    bytes: edited ?? letter.raw,
    lateAt: edited === undefined ? lateNodes(plan, manifest, source.index, letter.eventTime) : [],
  };
}

function lateNodes(plan: Plan, manifest: Manifest | undefined, source: number, eventTime: number | undefined): readonly string[] {
  if (manifest === undefined || eventTime === undefined) return [];
  const reached = new Set([source]);
  const late: string[] = [];
  for (const step of plan.steps) {
    if (!step.inputs.some((input) => input !== undefined && reached.has(input.step))) continue;
    reached.add(step.index);
    const window = step.outputs[0]?.window;
    const sent = manifest.nodes[step.node]?.watermark;
    if (window === undefined || sent === undefined || sent === null) continue;
    const firstEnd = (Math.floor(eventTime / window.hopUs) + 1) * window.hopUs;
    if (sent === 'end' || firstEnd <= sent)
      late.push(`${step.node} (final up to ${sent === 'end' ? 'the end' : formatTimestamp(sent)})`);
  }
  return late;
}

/** Puts the message into the replay partition of its source; a running pipeline reads it within moments, a stopped one at its next start. */
export function sendReplay(store: SqliteStore, replay: Replay): number {
  return store.replay.add(replay.letter.source, 0, replay.bytes, replay.letter.id);
}
