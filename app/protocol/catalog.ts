import type { Family, Port, View } from '../../engine/model/definition.ts';

/** JSON Schema (2020-12) as `z.toJSONSchema(settings, { io: 'input' })` makes it, with the metas of `nodes/kit/settings.ts` on each field. */
export interface SettingSchema {
  readonly type?: string | readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, SettingSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: SettingSchema | undefined;
  readonly additionalProperties?: boolean | SettingSchema | undefined;
  readonly anyOf?: readonly SettingSchema[] | undefined;
  readonly oneOf?: readonly SettingSchema[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly title?: string | undefined;
  readonly help?: string | undefined;
  readonly unit?: string | undefined;
  readonly widget?: string | undefined;
  readonly service?: string | undefined;
  readonly advanced?: boolean | undefined;
}

/** A node definition as data. What needs a function (ports of a node, schemas, problems) is the answer to `check`. */
export interface KindEntry {
  readonly kind: string;
  readonly version: number;
  readonly family: Family;
  readonly role: 'source' | 'operator' | 'sink';
  readonly title: string;
  readonly summary: string;
  /** Markdown, for the Docs tab */
  readonly help: string;
  /** lucide icon name, kebab-case */
  readonly icon: string;
  readonly guarantee: string;
  readonly settings: SettingSchema;
  /** what a new node of this kind starts with: every default of the settings */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** of a node with the defaults: for the palette and the drag ghost */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly accepts: readonly ('append' | 'updates')[];
  /** true: some settings decide state, so that it has a State tab with content */
  readonly stateful: boolean;
  /** how its rows are best shown, for its default settings; undefined: as a table */
  readonly view?: View | undefined;
  readonly examples: readonly ExampleEntry[];
}

export interface ExampleEntry {
  readonly title: string;
  readonly settings: unknown;
  /** per input port */
  readonly inputs: readonly (readonly Readonly<Record<string, unknown>>[])[];
  readonly outputs: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/** A named connection and what stands behind it: never an address with a secret. */
export interface ConnectionEntry {
  readonly name: string;
  readonly service: 'kafka' | 'postgres' | 'redis';
  /** `embedded`, or host:port/database */
  readonly behind: string;
}

export interface FunctionEntry {
  readonly name: string;
  /** `split_part(text, text, integer) → text` */
  readonly signature: string;
  readonly help: string;
  readonly aggregate: boolean;
}

export interface TemplateEntry {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly nodes: number;
  /** what it needs beyond the embedded stand-ins; empty = nothing */
  readonly needs: readonly string[];
  /** family and place of each node (canvas coordinates) and the edges between them, for the card's picture */
  readonly picture: {
    readonly nodes: readonly { readonly id: string; readonly family: Family; readonly x: number; readonly y: number }[];
    readonly edges: readonly { readonly from: string; readonly to: string }[];
  };
}

export interface Catalog {
  readonly version: string;
  /** in the order of the palette */
  readonly kinds: readonly KindEntry[];
  readonly connections: readonly ConnectionEntry[];
  readonly functions: readonly FunctionEntry[];
  readonly templates: readonly TemplateEntry[];
}
