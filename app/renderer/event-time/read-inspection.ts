import type { InspectedWindow, Inspection } from '../../protocol/inspection.ts';

/** What an operator says of itself is foreign: only what can be drawn is taken out of it. */

export function windowsOf(inspection: Inspection | undefined): readonly InspectedWindow[] {
  const list: unknown = inspection?.windows;
  if (!Array.isArray(list)) return [];
  return list.filter((entry: unknown): entry is InspectedWindow => {
    const window = entry as Partial<InspectedWindow> | null;
    return typeof window?.start === 'number' && typeof window.end === 'number' && window.end > window.start;
  });
}

/** Rows that wait for a decision; undefined: none. */
export function waitingOf(inspection: Inspection | undefined): { readonly rows: number; readonly words: string } | undefined {
  const waiting: unknown = inspection?.waiting;
  if (typeof waiting === 'number') return waiting > 0 ? { rows: waiting, words: 'rows wait for the watermark' } : undefined;
  const { rows, for: whom } = (waiting ?? {}) as { rows?: unknown; for?: unknown };
  if (typeof rows !== 'number' || rows === 0) return undefined;
  return { rows, words: typeof whom === 'string' ? `rows wait for ${whom}` : 'rows wait for the watermark' };
}
