import { Fault } from '../../engine/model/fault.ts';
import type { Fence } from '../../engine/stream/connector.ts';
import type { FenceKey } from './event-log.ts';

export function sameFence(a: Fence | undefined, b: Fence | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.lineage === b.lineage && a.owner === b.owner && a.epoch === b.epoch;
}

/** [E7] Somebody else owns this sink now. */
export function fencedFault(key: FenceKey, stored: Fence | undefined, when: string): Fault {
  const now = stored === undefined ? 'is gone' : `now says lineage ${stored.lineage}, owner ${stored.owner}, epoch ${stored.epoch}`;
  return new Fault(
    'fenced',
    'fenced',
    `The fence of sink "${key.nodeId}" ${now} (found ${when}): another run has taken this sink over.`,
    {
      mend: 'Stop one of the two runs; a copied state directory or a second workspace is the usual cause.',
    },
  );
}
