import { durationUs } from '../../../engine/model/duration.ts';

export type WindowKind =
  | { kind: 'tumbling'; size: string }
  | { kind: 'hopping'; size: string; every: string }
  | { kind: 'session'; gap: string }
  | { kind: 'running'; ttl: string };

/** A column of the input, or an expression over it under a name. */
export type GroupKey = string | { name: string; expression: string };

export interface WindowSettings {
  window: WindowKind;
  by: GroupKey[];
  columns: { name: string; expression: string }[];
  limits: { keys: number; bytes: number; policy: 'fail' | 'other' };
  fill_gaps: number;
}

/** Size and hop, µs, of a window of fixed length; undefined for sessions and running windows. */
export function fixedLength(window: WindowKind): { readonly sizeUs: number; readonly hopUs: number } | undefined {
  if (window.kind === 'tumbling') return { sizeUs: durationUs(window.size), hopUs: durationUs(window.size) };
  if (window.kind === 'hopping') return { sizeUs: durationUs(window.size), hopUs: durationUs(window.every) };
  return undefined;
}

/** How long a silence ends a session, or a key's state in a running window; +∞: never. */
export function gapUs(window: WindowKind): number {
  if (window.kind === 'session') return durationUs(window.gap);
  if (window.kind === 'running') return window.ttl.trim() === '' ? Infinity : durationUs(window.ttl);
  throw new Error(`bug: a ${window.kind} window has no gap`);
}
