/**
 * The answer to `inspect`: what each running instance of a node says of itself. `lane` is `source/partition` for a stage-1 instance
 * and empty for the one after a combination.
 */
export type InspectAnswer = readonly { readonly lane: string; readonly state: unknown }[];

/**
 * Parts of an operator's state that the page can draw; every part is optional and anything else is shown as it is:
 * figures for scalars, a table for a list of objects.
 */
export interface Inspection {
  /** open windows, oldest end first */
  readonly windows?: readonly InspectedWindow[] | undefined;
  /** rows that wait for the watermark */
  readonly waiting?: number | undefined;
  /** groups with state */
  readonly keys?: number | undefined;
  /** windows that are open, over all keys */
  readonly open?: number | undefined;
  readonly [part: string]: unknown;
}

export interface InspectedWindow {
  readonly startUs: number;
  readonly endUs: number;
  readonly rows?: number | undefined;
  readonly keys?: number | undefined;
}
