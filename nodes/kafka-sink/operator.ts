import type { SinkOperatorModule } from '../../engine/stream/operator.ts';
import { outboxEncoder } from '../kit/outbox.ts';
import { messageColumns, type Settings } from './definition.ts';

/** Plain append: every row becomes one message. With `value: column` only the columns of the message are encoded. */
export const encoder: SinkOperatorModule<Settings> = {
  prepare: (settings, inputs) => outboxEncoder(inputs[0]!, { columns: messageColumns(settings) }),
};
