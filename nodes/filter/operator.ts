import { must } from '../../engine/model/assert.ts';
import type { Batch } from '../../engine/model/batch.ts';
import { compileCondition, FailedRows, type Condition } from '../../engine/expression/expression.ts';
import type { Context, OperatorModule, Out } from '../../engine/stream/operator.ts';
import { acceptedExpression } from '../kit/expression-setting.ts';
import { buryFailed } from '../kit/failed-letters.ts';
import type { FilterSettings } from './definition.ts';
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<FilterSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'filter has one input');
    const condition = compileCondition(acceptedExpression(settings.condition, schema, 'boolean'), layout);
    return { outputs: [layout, layout], whole: false, create: (context) => new Filter(condition, context) };
  },
};

/** [K1] match · rest (false or NULL): fate filtered, wired or not. */
class Filter extends Stateless {
  #condition: Condition;
  #context: Context;
  #failed = new FailedRows();

  constructor(condition: Condition, context: Context) {
    super();
    this.#condition = condition;
    this.#context = context;
  }

  override onBatch(_input: number, batch: Batch, out: Out): void {
    this.#failed.reset(batch.length);
    const { match, matchCount, rest, restCount } = this.#condition.select(batch, this.#failed);
    buryFailed(batch, this.#failed, out);
    out.filtered(restCount);
    // both selections live until the next select, which may happen below emit only in other nodes' own conditions
    if (restCount > 0 && this.#context.wired(1)) out.emit(1, batch.select(rest, restCount));
    if (matchCount > 0) out.emit(0, batch.select(match, matchCount));
  }
}
