import { catalog } from '../../../nodes/catalog.ts';
import { aggregateNames } from '../../../app/main/aggregate-names.ts';
import { functionEntries, kindEntries } from '../../../app/main/catalog-data.ts';
import type { Catalog } from '../../../app/protocol/catalog.ts';

/** The catalogue for a page without a server: the real kinds and functions, two templates of the double's own. */
export function doubleCatalog(): Catalog {
  return {
    version: '0.1.0',
    kinds: kindEntries(catalog),
    connections: [
      { name: 'kafka', service: 'kafka', behind: 'embedded' },
      { name: 'postgres', service: 'postgres', behind: 'embedded' },
      { name: 'redis', service: 'redis', behind: 'embedded' },
    ],
    functions: [...functionEntries(), ...aggregateNames()],
    templates: [
      {
        name: 'stream-moments',
        title: 'Stream moments',
        summary: 'Chat, viewers and transactions in; summaries and moments out.',
        nodes: 19,
        needs: [],
        picture: {
          nodes: [
            { id: 'a', family: 'source', x: 0, y: 0 },
            { id: 'b', family: 'window', x: 200, y: 0 },
            { id: 'c', family: 'detect', x: 400, y: 0 },
            { id: 'd', family: 'sink', x: 600, y: 0 },
            { id: 'e', family: 'sink', x: 600, y: 120 },
          ],
          edges: [
            { from: 'a', to: 'b' },
            { from: 'b', to: 'c' },
            { from: 'c', to: 'd' },
            { from: 'c', to: 'e' },
          ],
        },
      },
      {
        name: 'top-emotes',
        title: 'Top emotes',
        summary: 'The ten most used emotes a minute.',
        nodes: 4,
        needs: [],
        picture: {
          nodes: [
            { id: 'a', family: 'source', x: 0, y: 0 },
            { id: 'b', family: 'transform', x: 200, y: 0 },
            { id: 'c', family: 'window', x: 400, y: 0 },
            { id: 'd', family: 'sink', x: 600, y: 0 },
          ],
          edges: [
            { from: 'a', to: 'b' },
            { from: 'b', to: 'c' },
            { from: 'c', to: 'd' },
          ],
        },
      },
    ],
  };
}
