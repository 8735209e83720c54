import type { SinkOperatorModule } from '../../engine/stream/operator.ts';
import { outboxEncoder } from '../kit/outbox.ts';
import type { PostgresSinkSettings } from './definition.ts';

export const encoder: SinkOperatorModule<PostgresSinkSettings> = {
  prepare: (settings, [input]) =>
    outboxEncoder(input!, {
      columns: settings.columns,
      key: settings.mode === 'upsert' ? settings.key : [],
      newestFull: settings.updates === 'newest_full',
    }),
};
