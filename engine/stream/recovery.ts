import { Fault } from '../model/fault.ts';
import type { CheckpointStore, OutboxState } from './checkpoint.ts';
import type { Fence } from './connector.ts';

export interface TakeOver {
  /** the sink's rows under another lineage may stay: `--adopt` */
  readonly adopt: boolean;
  /** also for a sink without a key: `--allow-duplicates` */
  readonly allowDuplicates: boolean;
  readonly keyed: boolean;
  /** the sink's view is state of ours and can be written again (E5, Redis) */
  readonly rewritable: boolean;
}

export interface Recovery {
  /** the fence to take before the first push */
  readonly next: Fence;
  /** kept epochs that the sink does not have, ascending */
  readonly push: readonly number[];
  /** the sink lost its data: its whole view is written first, as the last local epoch */
  readonly rewrite: boolean;
}

/** [E3] What to do with one sink at start. L = last local epoch, F = fence epoch, T = newest epoch whose outbox is gone. */
export function recoverSink(
  node: string,
  store: Pick<CheckpointStore, 'lineage' | 'outboxState'>,
  lastEpoch: number,
  fence: Fence | undefined,
  take: TakeOver,
): Recovery {
  const outbox = store.outboxState(node);
  if (fence === undefined && take.rewritable && outbox.trimmed > 0) {
    return { next: { lineage: store.lineage, owner: 1, epoch: 0 }, push: [], rewrite: true };
  }
  if (fence === undefined) return accept(node, { lineage: store.lineage, owner: 1, epoch: 0 }, outbox, lastEpoch);
  if (fence.lineage === store.lineage && take.rewritable && fence.epoch < outbox.trimmed) {
    // killed between taking an empty sink over and writing its view
    return { next: { ...fence, owner: fence.owner + 1 }, push: [], rewrite: true };
  }
  if (fence.lineage === store.lineage) return accept(node, { ...fence, owner: fence.owner + 1 }, outbox, lastEpoch);
  if (!take.adopt) {
    const flags = take.keyed ? '--adopt' : '--adopt --allow-duplicates';
    if (fence.epoch === 0) {
      throw new Fault(
        'refused',
        'other_lineage',
        `The sink ${node} is reserved by another state (lineage ${fence.lineage}), which has written nothing yet; nothing was written.`,
        { mend: `Start with that state, or take the sink over with ${flags} when that state is gone or its start has failed.` },
      );
    }
    throw new Fault(
      'refused',
      'other_lineage',
      `The sink ${node} was last written by another state (lineage ${fence.lineage}, epoch ${fence.epoch}); nothing was written.`,
      { mend: `Start with that state, write to another target, or take the sink over with ${flags}.` },
    );
  }
  if (!take.keyed && !take.allowDuplicates) {
    throw new Fault(
      'refused',
      'adopt_append',
      `The sink ${node} has no key, so taking it over from another state may write rows twice; nothing was written.`,
      { mend: 'Add --allow-duplicates if that is acceptable.' },
    );
  }
  return accept(node, { lineage: store.lineage, owner: fence.owner + 1, epoch: outbox.trimmed }, outbox, lastEpoch);
}

function accept(node: string, next: Fence, outbox: OutboxState, lastEpoch: number): Recovery {
  if (next.epoch > lastEpoch) {
    throw new Fault(
      'refused',
      'state_older_than_sink',
      `The sink ${node} already holds epoch ${next.epoch}, but this state ends at epoch ${lastEpoch}: it is an older copy. Nothing was written.`,
      { mend: 'Start with the newer state directory, or with --fresh and --adopt to build it again.' },
    );
  }
  if (next.epoch < outbox.trimmed) {
    throw new Fault(
      'refused',
      'sink_lost_epochs',
      `The sink ${node} holds epoch ${next.epoch}, but rows up to epoch ${outbox.trimmed} had been delivered and are no longer kept: the sink lost data.`,
      { mend: 'Restore the sink, or reprocess with --fresh and --adopt.' },
    );
  }
  return { next, push: outbox.kept.filter((entry) => entry.epoch > next.epoch).map((entry) => entry.epoch), rewrite: false };
}
