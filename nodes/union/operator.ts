import { must } from '../../engine/model/assert.ts';
import { TextColumn, type Batch, type Column, type PhysicalField } from '../../engine/model/batch.ts';
import type { OperatorModule, Out } from '../../engine/stream/operator.ts';
import { TextInterner } from '../kit/text-interner.ts';
import type { UnionSettings } from './definition.ts';
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<UnionSettings> = {
  prepare(_settings, inputs) {
    const first = must(inputs[0], 'union has inputs');
    const names = first.layout.filter((field) => inputs.every(({ layout }) => layout.some((other) => other.name === field.name)));
    const sources = inputs.map(({ layout }) => names.map(({ name }) => layout.findIndex((field) => field.name === name)));
    const output = names.map((field, i): PhysicalField => {
      const all = inputs.map(({ layout }, input) => layout[sources[input]![i]!]!);
      // text is interned where one of the inputs brings ids
      const as = all.some((other) => other.as === 'dictionary') ? 'dictionary' : field.as;
      return { ...field, as, nullable: all.some((other) => other.nullable) };
    });
    return { outputs: [output], whole: false, create: () => new Union(output, sources) };
  },
};

/** [K4] Every row goes on, its columns in the order of the first input. */
class Union extends Stateless {
  #output: readonly PhysicalField[];
  #sources: readonly (readonly number[])[];
  #interner = new TextInterner();

  constructor(output: readonly PhysicalField[], sources: readonly (readonly number[])[]) {
    super();
    this.#output = output;
    this.#sources = sources;
  }

  override onBatch(input: number, batch: Batch, out: Out): void {
    const from = this.#sources[input]!;
    out.emit(0, batch.with(this.#output.map((field, i) => this.#column(field, batch.columns[from[i]!]!, batch))));
  }

  override bytes(): number {
    return this.#interner.bytes();
  }

  #column(field: PhysicalField, column: Column, batch: Batch): Column {
    if (field.as !== 'dictionary' || column.kind !== 'bytes') return column;
    this.#interner.refresh();
    return new TextColumn(this.#interner.ids(column, batch), this.#interner.dictionary);
  }
}
