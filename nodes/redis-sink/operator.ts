import { must } from '../../engine/model/assert.ts';
import type { Batch } from '../../engine/model/batch.ts';
import { durationUs } from '../../engine/model/duration.ts';
import type { InputShape, Out, SinkOperator, SinkOperatorModule } from '../../engine/stream/operator.ts';
import { KeyedOutbox, newestFullRows, rowShape } from '../kit/outbox.ts';
import { keyText, type RowShape } from '../kit/outbox-row.ts';
import { isNull } from '../kit/values.ts';
import { ListView } from './core/list-view.ts';
import { parseKeyTemplate, renderKey, type KeyTemplate } from './core/key-template.ts';
import { ValueView } from './core/value-view.ts';
import { isList, keyColumns, writtenColumns, type RedisSinkSettings } from './definition.ts';

export const encoder: SinkOperatorModule<RedisSinkSettings> = {
  prepare(settings, inputs) {
    const input = must(inputs[0], 'input of a sink');
    const shape = rowShape(input, { columns: writtenColumns(settings, input.schema), key: keyColumns(settings) });
    // a literal part keeps a key from being empty
    const mayBeEmpty = settings.keys
      .map((key) => parseKeyTemplate(key.template)!)
      .filter((template) => template.every((part) => typeof part !== 'string'));
    return {
      create: () => {
        const view = viewOf(settings, input, shape);
        return mayBeEmpty.length === 0 ? view : refuseEmptyKeys(view, shape, mayBeEmpty);
      },
    };
  },
};

function viewOf(settings: RedisSinkSettings, input: InputShape, shape: RowShape): SinkOperator {
  const ttlUs = settings.ttl === '' ? Number.POSITIVE_INFINITY : durationUs(settings.ttl);
  if (isList(settings)) return new ListView(shape, settings.keys[0]!.length, ttlUs);
  return new ValueView(settings.updates === 'newest_full' ? newestFullRows(input, shape) : new KeyedOutbox(shape), ttlUs);
}

/** Rows whose key would be the empty text are dead before the view sees them. */
function refuseEmptyKeys(view: SinkOperator, shape: RowShape, templates: readonly KeyTemplate[]): SinkOperator {
  const index = new Map(shape.key.map((column) => [column.name, column.index]));
  const isEmpty = (batch: Batch, row: number): boolean =>
    templates.some(
      (template) =>
        renderKey(template, (name) => {
          const column = batch.columns[index.get(name)!]!;
          // NULL is the view's own refusal
          return isNull(column, row) ? 'NULL' : keyText(column, row);
        }) === '',
    );
  const onBatch = view.onBatch.bind(view);
  view.onBatch = (input: number, batch: Batch, out: Out): void => {
    const rows = batch.rows.slice(0, batch.count).filter((row) => {
      if (!isEmpty(batch, row)) return true;
      out.dead(batch, row, 'empty_key', 'The key of this row is empty text, so Redis has no place for it.');
      return false;
    });
    onBatch(input, rows.length === batch.count ? batch : batch.select(rows, rows.length), out);
  };
  return view;
}
