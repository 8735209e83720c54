import type { DeriveSettings } from '../definition.ts';

export interface OutputColumn {
  readonly name: string;
  /** a column of the input (index in `names`), or a computed one (index in settings.columns) */
  readonly from: { readonly kind: 'input' | 'computed'; readonly index: number };
}

/** [K2] Columns of the output: the input's in their order, replaced in place, renamed or left out; then the new ones. `keep` picks among them. */
export function outputColumns(settings: DeriveSettings, input: readonly { readonly name: string }[]): readonly OutputColumn[] {
  const renamed = new Map(settings.rename.map(({ from, to }) => [from, to]));
  const placed = new Set<number>();
  const columns: OutputColumn[] = [];
  input.forEach(({ name }, index) => {
    if (settings.drop.includes(name)) return;
    const to = renamed.get(name);
    const computed = to === undefined ? settings.columns.findIndex((column) => column.name === name) : -1;
    if (computed >= 0) {
      placed.add(computed);
      columns.push({ name, from: { kind: 'computed', index: computed } });
    } else columns.push({ name: to ?? name, from: { kind: 'input', index } });
  });
  settings.columns.forEach(({ name }, index) => {
    if (!placed.has(index)) columns.push({ name, from: { kind: 'computed', index } });
  });
  if (settings.keep.length === 0) return columns;
  return settings.keep.flatMap((name) => columns.find((column) => column.name === name) ?? []);
}
