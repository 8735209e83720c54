import { resolve } from 'node:path';
import type { SourceModule } from '../../engine/stream/connector.ts';
import { openChunks } from './chunk-reader.ts';
import { LineFeed } from './line-feed.ts';

export const source: SourceModule<{ readonly path: string }> = {
  async open(settings, context) {
    const position = context.positions.get(0) ?? { offset: 0, anchor: 0 };
    const chunks = await openChunks(resolve(context.baseDirectory, settings.path), (position.anchor as number | undefined) ?? 0);
    return new LineFeed(chunks, position);
  },
};
