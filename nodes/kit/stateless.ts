import type { Batch } from '../../engine/model/batch.ts';
import type { Operator, Out } from '../../engine/stream/operator.ts';

/** An operator that has nothing a crash may not lose, and nothing to do when time goes on. */
export abstract class Stateless implements Operator {
  abstract onBatch(input: number, batch: Batch, out: Out): void;

  onWatermark(): void {}
  snapshot(): void {}
  restore(): void {}

  inspect(_limit: number): unknown {
    return {};
  }

  bytes(): number {
    return 0;
  }
}
