import type { RunEvent, TapRow } from '../../engine/model/run-event.ts';

const KEPT_ROWS = 200;

/** The newest real rows of tapped edges, for "live result on the latest row". Lives as long as the taps. */
export class RowCache {
  readonly #rows = new Map<string, readonly TapRow[]>();

  see(pipelineId: string, event: RunEvent): void {
    if (event.type !== 'rows' || event.rows.length === 0) return;
    const edge = `${pipelineId} ${event.node}.${event.port}`;
    this.#rows.set(edge, [...(this.#rows.get(edge) ?? []), ...event.rows].slice(-KEPT_ROWS));
  }

  /** oldest first */
  rows(pipelineId: string, end: string): readonly TapRow[] {
    return this.#rows.get(`${pipelineId} ${end}`) ?? [];
  }

  clear(): void {
    this.#rows.clear();
  }
}
