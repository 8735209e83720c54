import { Fault } from '../../../engine/model/fault.ts';
import type { Limits } from './shared.ts';

/** [W5] Throws when a node's state is beyond its limits. `keys` and `bytes` are sums over all partitions. */
export function checkLimits(limits: Limits, keys: number, bytes: number): void {
  if (keys > limits.keys && limits.policy === 'fail') {
    throw new Fault(
      'fatal',
      'state_limit',
      `This window holds ${keys.toLocaleString('en-US')} group keys, more than its limit of ${limits.keys.toLocaleString('en-US')}. ` +
        'The last epoch stays; the rows since then were not used.',
      { mend: 'Group by a column with fewer values, shorten the window, raise "limits.keys", or set "limits.policy" to "other".' },
    );
  }
  if (bytes > limits.bytes) {
    throw new Fault(
      'fatal',
      'state_limit',
      `The state of this window takes ${mebibytes(bytes)}, more than its limit of ${mebibytes(limits.bytes)}. ` +
        'The last epoch stays; the rows since then were not used.',
      { mend: 'Group by a column with fewer values, shorten the window, take fewer distinct counts, or raise "limits.bytes".' },
    );
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}
