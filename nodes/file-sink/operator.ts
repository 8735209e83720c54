import type { SinkOperatorModule } from '../../engine/stream/operator.ts';
import { outboxEncoder } from '../kit/outbox.ts';
import type { FileSinkSettings } from './definition.ts';

export const encoder: SinkOperatorModule<FileSinkSettings> = {
  prepare: (_settings, [input]) => outboxEncoder(input!, {}),
};
