import type { Port, View } from '../../engine/model/definition.ts';
import type { Problem } from '../../engine/model/problem.ts';
import type { Schema } from '../../engine/model/schema.ts';
import type { Type } from '../../engine/model/type.ts';
import type { PlanDifference } from './plan-difference.ts';

/** What the checker knows of a document: the one source of ports, schemas and problems. */
export interface Checked {
  /** echo of the request; an answer to an older revision is dropped */
  readonly revision: number;
  readonly problems: readonly Problem[];
  readonly nodes: Readonly<Record<string, CheckedNode>>;
  /** undefined: it cannot run */
  readonly planHash: string | undefined;
  /** against the running plan; undefined: nothing runs, or the document cannot run */
  readonly difference: PlanDifference | undefined;
}

export interface CheckedNode {
  /** two telling settings: "1 min every 10 s" */
  readonly caption: string;
  readonly inputs: readonly CheckedPort[];
  readonly outputs: readonly CheckedPort[];
  /** result type of each expression setting, by dotted path: `columns.0.expression` → `integer` */
  readonly types: Readonly<Record<string, Type>>;
  readonly view: View | undefined;
}

/** `schema` of an input is that of the edge into it: what a form offers as fields. undefined: not wired, or not inferable. */
export interface CheckedPort extends Port {
  readonly schema: Schema | undefined;
}

/** Where a dragged wire may end. */
export interface Connectable {
  /** `node.port` of the existing ports at the other end → null when they may meet, else why not */
  readonly ports: Readonly<Record<string, Misfit | null>>;
  /** for quick-add: every kind, in palette order */
  readonly kinds: readonly { readonly kind: string; readonly port: string; readonly misfit: Misfit | null }[];
}

export interface Misfit {
  readonly code: string;
  /** headline of at most six words: "A join needs final rows" */
  readonly title: string;
  readonly message: string;
  readonly mend?: string | undefined;
  /** another port of the node the wire comes from that would fit */
  readonly instead?: string | undefined;
}

/** One expression on the latest real row (or last final window) of its node. */
export interface Evaluated {
  readonly type: Type | undefined;
  readonly problem: Problem | undefined;
  /** undefined: no row has come yet */
  readonly value?: unknown;
  /** what the value belongs to: "Last final window, night_radio" */
  readonly of?: string | undefined;
}
