import { must } from '../../engine/model/assert.ts';
import { TextColumn, type Batch } from '../../engine/model/batch.ts';
import { Dictionary } from '../../engine/model/dictionary.ts';
import { compileCondition, FailedRows, type Condition } from '../../engine/expression/expression.ts';
import type { OperatorModule, Out } from '../../engine/stream/operator.ts';
import { acceptedExpression } from '../kit/expression-setting.ts';
import { buryFailed } from '../kit/failed-letters.ts';
import { physicalFields } from '../kit/physical-fields.ts';
import { FAILED_CONDITION, type ValidateSettings } from './definition.ts';
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<ValidateSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'validate has one input');
    const conditions = settings.conditions.map(({ name, expression }) => ({
      name,
      condition: compileCondition(acceptedExpression(expression, schema, 'boolean'), layout),
    }));
    return {
      outputs: [layout, [...layout, ...physicalFields([FAILED_CONDITION])]],
      whole: false,
      // asked once: a tap on the port may not turn dead letters into filtered rows
      create: (context) => new Validate(conditions, context.connected(1)),
    };
  },
};

interface Named {
  readonly name: string;
  readonly condition: Condition;
}

/** [K5] A row that is not true for a condition leaves by invalid (fate filtered), or is dead while that port is not wired. */
class Validate extends Stateless {
  #conditions: readonly Named[];
  #wired: boolean;
  #failed = new FailedRows();
  #names = new Dictionary();
  /** first broken condition by physical row; −1: none so far */
  #broken = new Int32Array(0);
  #valid = new Int32Array(0);
  #invalid = new Int32Array(0);

  constructor(conditions: readonly Named[], wired: boolean) {
    super();
    this.#conditions = conditions;
    this.#wired = wired;
    for (const { name } of conditions) this.#names.internText(name);
  }

  override onBatch(_input: number, batch: Batch, out: Out): void {
    this.#reserve(batch.length);
    this.#failed.reset(batch.length);
    const [broken, valid, invalid] = [this.#broken, this.#valid, this.#invalid];
    for (let i = 0; i < batch.count; i++) {
      valid[i] = batch.rows[i]!;
      broken[batch.rows[i]!] = -1;
    }
    let validCount = batch.count;
    this.#conditions.forEach(({ condition }, index) => {
      const { match, matchCount, rest, restCount } = condition.select(batch.select(valid, validCount), this.#failed);
      for (let i = 0; i < restCount; i++) broken[rest[i]!] = index;
      for (let i = 0; i < matchCount; i++) valid[i] = match[i]!;
      validCount = matchCount;
    });
    buryFailed(batch, this.#failed, out);
    let invalidCount = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      if (broken[row]! >= 0) invalid[invalidCount++] = row;
    }
    if (this.#wired) {
      out.filtered(invalidCount);
      if (invalidCount > 0)
        out.emit(1, batch.with([...batch.columns, new TextColumn(broken, this.#names)]).select(invalid, invalidCount));
    } else for (let i = 0; i < invalidCount; i++) this.#bury(batch, invalid[i]!, out);
    if (validCount > 0) out.emit(0, batch.select(valid, validCount));
  }

  #bury(batch: Batch, row: number, out: Out): void {
    const { name } = this.#conditions[this.#broken[row]!]!;
    out.dead(batch, row, 'condition_failed', `The condition "${name}" does not hold. The row was not used.`);
  }

  #reserve(length: number): void {
    if (this.#broken.length >= length) return;
    this.#broken = new Int32Array(length);
    this.#valid = new Int32Array(length);
    this.#invalid = new Int32Array(length);
  }
}
