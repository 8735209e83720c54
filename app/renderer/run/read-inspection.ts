import type { InspectAnswer, Inspection } from '../../protocol/inspection.ts';

/** What an operator says of itself is foreign: only what can be drawn is taken out of it. */

export interface LaneState {
  /** empty: the instance after a combination */
  readonly lane: string;
  readonly state: Inspection;
}

export function lanesOf(answer: unknown): readonly LaneState[] {
  if (!Array.isArray(answer)) return [];
  return (answer as InspectAnswer)
    .filter((entry) => typeof entry?.state === 'object' && entry.state !== null)
    .map((entry) => ({ lane: String(entry.lane), state: entry.state as Inspection }));
}

/** The instance that combines, else the only one there is. */
export function wholeOf(answer: unknown): Inspection | undefined {
  const lanes = lanesOf(answer);
  return (lanes.find((entry) => entry.lane === '') ?? (lanes.length === 1 ? lanes[0] : undefined))?.state;
}

export interface OpenWindow {
  /** µs */
  readonly start: number;
  readonly end: number;
}

export function windowsOf(inspection: Inspection | undefined): readonly OpenWindow[] {
  const list: unknown = inspection?.windows;
  if (!Array.isArray(list)) return [];
  return (list as readonly unknown[]).flatMap((entry) => {
    const { startUs, endUs } = (entry ?? {}) as { startUs?: unknown; endUs?: unknown };
    return typeof startUs === 'number' && typeof endUs === 'number' && endUs > startUs ? [{ start: startUs, end: endUs }] : [];
  });
}

/** Rows that wait for a decision; 0: none. */
export function waitingOf(inspection: Inspection | undefined): number {
  const waiting: unknown = inspection?.waiting;
  return typeof waiting === 'number' ? waiting : 0;
}
