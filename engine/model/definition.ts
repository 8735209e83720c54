import type { z } from 'zod';
import type { DecodeSpec } from './decode-spec.ts';
import type { Problem } from './problem.ts';
import type { Schema } from './schema.ts';

export type Family = 'source' | 'transform' | 'window' | 'join' | 'detect' | 'sink';

export interface Port {
  readonly name: string;
  readonly title: string;
  /** `main` sits on the header line; `falls-out` is late, invalid, unmatched, rest */
  readonly role: 'main' | 'side' | 'falls-out';
}

/** How the rows of a node are best shown. Data only: the renderer knows no kind. */
export interface View {
  readonly as: 'line' | 'bar' | 'table' | 'words' | 'timeline';
  readonly x?: string | undefined;
  readonly y?: readonly string[] | undefined;
  readonly series?: string | undefined;
  readonly label?: string | undefined;
}

/** Columns of one input that a node reads itself; pass-through of further columns is `passes`. */
export interface Reads {
  /** column → `dictionary` when it is grouped, compared or counted, `any` otherwise */
  readonly [column: string]: 'dictionary' | 'any';
}

/** A problem of a definition's own; the checker adds the node. */
export type LocalProblem = Omit<Problem, 'node' | 'edge'>;

/** One executed example: JSON rows in (per input port, in offset order of one partition), JSON rows out per port. */
export interface Example<S> {
  readonly title: string;
  readonly settings: S;
  readonly inputs: readonly { readonly schema: Schema; readonly rows: readonly Readonly<Record<string, unknown>>[] }[];
  /** rows by output port name, after the end of the input (watermark +∞) */
  readonly outputs: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/**
 * What a kind is, without how it runs: palette, form, help, checker, file schema, plan and conformance tests follow from it.
 * Pure: nothing here touches the outside.
 */
export interface NodeDefinition<S> {
  /** = folder name */
  readonly kind: string;
  /** of the settings' shape; raised together with a migration */
  readonly version: number;
  readonly family: Family;
  readonly role: 'source' | 'operator' | 'sink';
  readonly title: string;
  /** at most five words, for the palette */
  readonly summary: string;
  /** one paragraph for the Docs tab, Markdown */
  readonly help: string;
  /** lucide icon name, kebab-case */
  readonly icon: string;
  /** strict object; each field `.meta({title, help, unit?, widget?})` and a default unless it must be given */
  readonly settings: z.ZodType<S>;
  ports(settings: S): { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] };
  /** inputs[i] undefined: not wired, or not inferable. Pure; at most one Problem for each wrong setting. */
  infer(
    settings: S,
    inputs: readonly (Schema | undefined)[],
  ): {
    /** per output port; undefined: at least one error, nothing downstream can be inferred */
    readonly outputs: readonly Schema[] | undefined;
    readonly problems: readonly LocalProblem[];
  };
  /** per input port; only called when infer gave outputs (or, for a sink, no error) */
  reads(settings: S, inputs: readonly Schema[]): readonly Reads[];
  /** true: a column of an output that has the name of an input column and is not made here is that very column */
  readonly passes: boolean;
  /** settings that decide state: another value makes the stored state meaningless */
  readonly stateKeys: readonly (keyof S & string)[];
  /**
   * Operators: does the state hold whole rows, with every column that is read or passed on? Then other columns make it
   * meaningless. Left out: yes, for an operator with stateKeys that passes columns on.
   */
  readonly holdsRows?: ((settings: S, inputs: readonly Schema[]) => boolean) | undefined;
  /** what survives a crash, what may repeat; one sentence */
  readonly guarantee: string;
  /** `inputs`: schemas of the input ports; undefined where nothing is connected or the part before has a problem */
  readonly view?: ((settings: S, inputs: readonly (Schema | undefined)[]) => View) | undefined;
  /** migrations[i] lifts settings of version i + 1 to i + 2 */
  readonly migrations: readonly ((old: unknown) => unknown)[];
  readonly examples: readonly Example<S>[];
  /** two telling settings for the node card: "1 min every 10 s" */
  caption(settings: S): string;
  /** this kind can take the place of any source (`reading`) or sink (`writing`): `--read`, `--write` */
  readonly standsIn?: 'reading' | 'writing' | undefined;
  /** settings of this kind for `--read NODE=FILE` / `--write NODE=FILE` */
  readonly standInSettings?: ((file: string) => unknown) | undefined;
  /** sources: how messages of each output port become rows */
  readonly decode?: ((settings: S) => readonly DecodeSpec[]) | undefined;
  /** name and service of the connection it uses, for the checker and the start-up lines */
  readonly connection?:
    ((settings: S) => { readonly service: 'kafka' | 'postgres' | 'redis'; readonly name: string } | undefined) | undefined;
  /** sinks: the key columns (empty: plain append), checked against W4 and K9 */
  readonly sinkKey?: ((settings: S) => readonly string[]) | undefined;
  /** sinks: do the settings say which of several rows with the same key stays? Then K9 warns of nothing */
  readonly saysWhichStays?: ((settings: S) => boolean) | undefined;
  /** sinks: takes an `updates` edge keyed by group key + window by keeping the newest full window (W4) */
  readonly newestFull?: ((settings: S) => boolean) | undefined;
  /** how far behind the newest event this node may still hold rows open, µs: window size, session gap, join bound (drain, E9) */
  readonly horizonUs?: ((settings: S) => number) | undefined;
  /** edge modes this node accepts on every input; default ['append'] (W4) */
  readonly accepts?: readonly ('append' | 'updates')[] | undefined;
}

/** The settings type is only needed inside a kind's own folder; outside, settings are parsed before use. */
export type AnyDefinition = NodeDefinition<never>;

export function defineNode<S>(definition: NodeDefinition<S>): NodeDefinition<S> {
  return definition;
}
