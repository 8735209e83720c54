import { must } from '../../engine/model/assert.ts';
import type { Batch, PhysicalField } from '../../engine/model/batch.ts';
import { compile, FailedRows, type Kernel } from '../../engine/expression/expression.ts';
import type { OperatorModule, Out } from '../../engine/stream/operator.ts';
import { acceptedExpression } from '../kit/expression-setting.ts';
import { buryFailed } from '../kit/failed-letters.ts';
import type { DeriveSettings } from './definition.ts';
import { outputColumns, type OutputColumn } from './core/output-columns.ts';
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<DeriveSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'derive has one input');
    const typed = settings.columns.map(({ expression }) => acceptedExpression(expression, schema));
    const kernels = typed.map((expression) => compile(expression, layout, expression.type === 'text' ? { as: 'dictionary' } : {}));
    // columns that nobody reads do not come, but a replaced column stands where the layout has it
    const columns = outputColumns(settings, layout);
    const output = columns.map(({ name, from }): PhysicalField => {
      if (from.kind === 'input') return { ...layout[from.index]!, name };
      const { type, nullable } = typed[from.index]!;
      return { name, type, nullable, as: kernels[from.index]!.as };
    });
    return { outputs: [output], whole: false, create: () => new Derive(columns, kernels) };
  },
};

class Derive extends Stateless {
  #columns: readonly OutputColumn[];
  #kernels: readonly Kernel[];
  #failed = new FailedRows();

  constructor(columns: readonly OutputColumn[], kernels: readonly Kernel[]) {
    super();
    this.#columns = columns;
    this.#kernels = kernels;
  }

  override onBatch(_input: number, batch: Batch, out: Out): void {
    this.#failed.reset(batch.length);
    const computed = this.#kernels.map((kernel) => kernel.evaluate(batch, this.#failed));
    buryFailed(batch, this.#failed, out);
    const { rows, count } = this.#failed.without(batch.rows, batch.count);
    const columns = this.#columns.map(({ from }) => (from.kind === 'input' ? batch.columns[from.index]! : computed[from.index]!));
    out.emit(0, batch.with(columns).select(rows, count));
  }
}
