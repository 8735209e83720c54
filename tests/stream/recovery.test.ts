import { describe, expect, test } from 'vitest';
import type { OutboxState } from '../../engine/stream/checkpoint.ts';
import type { Fence } from '../../engine/stream/connector.ts';
import { MemoryStore } from '../../engine/stream/memory-store.ts';
import { recoverSink, type TakeOver } from '../../engine/stream/recovery.ts';

class Stored extends MemoryStore {
  readonly #state: OutboxState;

  constructor(trimmed: number, kept: readonly number[]) {
    super('ours');
    this.#state = { trimmed, kept: kept.map((epoch) => ({ epoch, rows: 1, inputRows: 1, bytes: 1 })) };
  }

  override outboxState(): OutboxState {
    return this.#state;
  }
}

const nobody: TakeOver = { adopt: false, allowDuplicates: false, keyed: true, rewritable: false };
const ours = (epoch: number, owner = 4): Fence => ({ lineage: 'ours', owner, epoch });
const theirs: Fence = { lineage: 'theirs', owner: 7, epoch: 90 };

describe('[E3] at start, per sink', () => {
  test.each([
    [
      'no fence: everything kept is pushed',
      new Stored(0, [2, 3]),
      3,
      undefined,
      { next: ours(0, 1), push: [2, 3], rewrite: false },
    ],
    ['T ≤ F ≤ L: kept epochs behind F', new Stored(2, [3, 5, 6]), 6, ours(3), { next: ours(3, 5), push: [5, 6], rewrite: false }],
    ['F = L: nothing', new Stored(2, [3]), 3, ours(3), { next: ours(3, 5), push: [], rewrite: false }],
    ['F = T: all kept', new Stored(2, [3, 4]), 4, ours(2), { next: ours(2, 5), push: [3, 4], rewrite: false }],
  ] as const)('%s', (_name, store, last, fence, expected) => {
    expect(recoverSink('out', store, last, fence, nobody)).toEqual(expected);
  });

  test.each([
    ['F > L', new Stored(0, [1]), 1, ours(2), nobody, 'state_older_than_sink'],
    ['F < T', new Stored(4, [5]), 5, ours(3), nobody, 'sink_lost_epochs'],
    ['no fence although epochs were delivered', new Stored(4, [5]), 5, undefined, nobody, 'sink_lost_epochs'],
    ['other lineage', new Stored(0, [1]), 1, theirs, nobody, 'other_lineage'],
    [
      'other lineage, adopted without a key',
      new Stored(0, [1]),
      1,
      theirs,
      { ...nobody, adopt: true, keyed: false },
      'adopt_append',
    ],
  ] as const)('%s is refused: %s', (_name, store, last, fence, take, code) => {
    expect(() => recoverSink('out', store, last, fence, take)).toThrow(expect.objectContaining({ kind: 'refused', code }));
  });

  test('other lineage, adopted: the fence is taken over under the own lineage', () => {
    const expected = { next: { lineage: 'ours', owner: 8, epoch: 0 }, push: [1, 2], rewrite: false };
    expect(recoverSink('out', new Stored(0, [1, 2]), 2, theirs, { ...nobody, adopt: true })).toEqual(expected);
    expect(
      recoverSink('out', new Stored(0, [1, 2]), 2, theirs, { ...nobody, adopt: true, keyed: false, allowDuplicates: true }),
    ).toEqual(expected);
  });

  test('[E5] a view that is gone is written again, also when a kill came before it was', () => {
    const take = { ...nobody, rewritable: true };
    expect(recoverSink('out', new Stored(4, [5]), 5, undefined, take)).toEqual({ next: ours(0, 1), push: [], rewrite: true });
    expect(recoverSink('out', new Stored(4, [5]), 5, ours(0, 1), take)).toEqual({ next: ours(0, 2), push: [], rewrite: true });
  });
});
