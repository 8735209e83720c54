/** [V2] A row that could not be used, where it came from and what became of it. */
export interface DeadLetter {
  readonly node: string;
  readonly code: string;
  readonly sentence: string;
  /** source node and position of the row; after a combination the combining node and its running row number */
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  /** event time, µs; undefined when the row never got one */
  readonly eventTime: number | undefined;
  /** wall clock, ms */
  readonly at: number;
  /** first 16 KiB of the raw message, or the row as JSON after a combination */
  readonly raw: Uint8Array;
  /** length of the whole message */
  readonly rawLength: number;
}

export const DEAD_LETTER_BYTES = 16 * 1024;
