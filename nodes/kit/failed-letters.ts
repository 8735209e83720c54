import type { Batch } from '../../engine/model/batch.ts';
import type { FailedRows } from '../../engine/expression/expression.ts';
import type { Out } from '../../engine/stream/operator.ts';

/** [X3] Rows on which an expression could not be computed become dead letters, in the order of the batch. */
export function buryFailed(batch: Batch, failed: FailedRows, out: Out): void {
  if (failed.count === 0) return;
  const order = Array.from({ length: failed.count }, (_, i) => i).toSorted((a, b) => failed.rows[a]! - failed.rows[b]!);
  for (const i of order) out.dead(batch, failed.rows[i]!, failed.codes[i]!, failed.sentences[i]!);
}
