/**
 * What an operator's `inspect(limit)` may say so that the State tab and the event-time lane can draw it. Every part is optional and
 * anything else is shown as it is: figures for scalars, a table for a list of objects.
 */
export interface Inspection {
  /** open windows, oldest end first; times µs */
  readonly windows?: readonly InspectedWindow[] | undefined;
  /** a joining node: rows that wait for the other input */
  readonly waiting?: { readonly rows: number; readonly for: string; readonly sinceUs?: number | undefined } | undefined;
  /** groups with state */
  readonly keys?: number | undefined;
  readonly open?: number | undefined;
  readonly [part: string]: unknown;
}

export interface InspectedWindow {
  readonly start: number;
  readonly end: number;
  readonly rows?: number | undefined;
  readonly keys?: number | undefined;
}
