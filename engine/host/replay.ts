import type { SqliteStore } from './sqlite-store.ts';
import type { StoredDeadLetter } from './dead-letter-ring.ts';
import { createDecoder } from '../decode/decoder.ts';
import { must } from '../model/assert.ts';
import type { AnyDefinition } from '../model/definition.ts';
import { Fault } from '../model/fault.ts';
import { formatTimestamp } from '../model/timestamp.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { Manifest } from '../stream/checkpoint.ts';

/** letters come back through the first port of their source */
const REPLAY_PORT = 0;
/** readable bytes that stand behind the last message of a batch */
const PADDING = 8;

export interface Replay {
  readonly letter: StoredDeadLetter;
  /** what is sent: the kept bytes, or new ones */
  readonly bytes: Uint8Array;
  /** known before it is sent: nodes whose windows for this event time are closed, so that it will be late there (V7) */
  readonly lateAt: readonly string[];
  /** why the source will refuse it again, as it stands; undefined: it becomes a row */
  readonly refused: string | undefined;
}

/**
 * [V7] Whether a dead letter can be sent once more, and what becomes of it: the source's own decoder is asked, because a letter
 * that never became a row has no event time yet, and an edited one has another. Throws `Fault` with the reason when it cannot.
 */
export function planReplay(
  plan: Plan,
  catalog: readonly AnyDefinition[],
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
  const bytes = edited ?? letter.raw;
  const read = decodeOne(source, catalog, bytes);
  return {
    letter,
    bytes,
    lateAt: lateNodes(plan, manifest, source.index, read.eventTime),
    refused: read.refused,
  };
}

/** One message as the source would read it, without a run. */
function decodeOne(
  source: Step,
  catalog: readonly AnyDefinition[],
  message: Uint8Array,
): { readonly eventTime: number | undefined; readonly refused: string | undefined } {
  const definition = must(
    catalog.find(({ kind }) => kind === source.kind),
    source.kind,
  );
  const spec = must(definition.decode, `decode of ${source.kind}`)(source.settings as never)[REPLAY_PORT]!;
  const raw = {
    partition: 0,
    port: REPLAY_PORT,
    count: 1,
    bytes: new Uint8Array(message.length + PADDING),
    start: Int32Array.of(0),
    end: Int32Array.of(message.length),
    offsets: Float64Array.of(0),
    timestamps: undefined,
    keys: undefined,
    headers: undefined,
    next: { offset: 1 },
    caughtUp: true,
    ended: true,
    logEnd: undefined,
  };
  raw.bytes.set(message);
  let refused: string | undefined;
  const batch = createDecoder(spec, source.wanted[REPLAY_PORT]!).decode(
    raw,
    0,
    1,
    { source: source.index, partition: 0 },
    (_row, _code, sentence) => {
      refused = sentence;
    },
  );
  return { eventTime: refused === undefined && spec.eventTime !== undefined ? batch.times[0] : undefined, refused };
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
  return store.replay.add(replay.letter.source, REPLAY_PORT, replay.bytes, replay.letter.id);
}
