import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredDeadLetter } from '../../engine/host/dead-letter-ring.ts';
import { planReplay, sendReplay, type Replay } from '../../engine/host/replay.ts';
import { SqliteStore, STATE_FILE } from '../../engine/host/sqlite-store.ts';
import type { DeadLetter, DeadPage, Replayed } from '../protocol/browse.ts';
import type { HandlersOf } from './handlers.ts';
import { Refused } from './refused.ts';
import { entryOf, planOf, type Studio } from './studio.ts';

type Names = 'dead' | 'deadLetter' | 'replay';

const EMPTY: DeadPage = { groups: [], letters: [], total: 0, dropped: 0 };

/** Dead letters of a pipeline, read from its state directory, whether it runs or not. */
export function deadHandlers(studio: Studio): HandlersOf<Names> {
  const withStore = <T>(id: string, none: T, work: (store: SqliteStore) => T): T => {
    const directory = join(studio.workspace, 'state', entryOf(studio, id).id);
    if (!existsSync(join(directory, STATE_FILE))) return none;
    const store = new SqliteStore(directory);
    try {
      return work(store);
    } finally {
      store.close();
    }
  };
  return {
    dead: ({ body, path }) =>
      withStore(path['id']!, EMPTY, (store) => {
        const letters = store.deadLetters.list({
          node: body.node,
          code: body.code,
          before: numberOf(body.before),
          limit: numberOf(body.limit) ?? 100,
        });
        const { count, dropped } = store.deadLetters.totals();
        const groups = store.deadLetters.byCode().map(({ node, code, count: rows }) => ({
          node,
          code,
          count: rows,
          sentence: store.deadLetters.list({ node, code, limit: 1 })[0]?.sentence ?? '',
        }));
        return { groups, letters: letters.map((letter) => pageLetter(letter, store)), total: count, dropped };
      }),
    deadLetter: ({ path }) => {
      const found = withStore(path['id']!, undefined, (store) => {
        const letter = store.deadLetters.get(Number(path['letter']));
        return letter === undefined ? undefined : pageLetter(letter, store);
      });
      if (found === undefined) throw new Refused('not_found', `Dead letter ${path['letter']} is not kept.`);
      return found;
    },
    replay: ({ body, path }) => {
      const entry = entryOf(studio, path['id']!);
      const plan = planOf(studio, studio.supervisor.running(entry.id) ?? entry.document);
      const none: Replayed = { sent: 0, late: 0 };
      return withStore(entry.id, none, (store) => {
        const manifest = store.manifest();
        const replays: Replay[] = lettersOf(store, body).map((letter) =>
          planReplay(plan, studio.catalog, manifest, letter, 'text' in body ? Buffer.from(body.text) : undefined),
        );
        for (const replay of replays) sendReplay(store, replay);
        return { sent: replays.length, late: replays.filter((replay) => replay.lateAt.length > 0).length };
      });
    },
  };
}

function lettersOf(
  store: SqliteStore,
  body: { ids: number[] } | { node: string; code: string } | { id: number; text: string },
): readonly StoredDeadLetter[] {
  if ('node' in body) return store.deadLetters.list({ node: body.node, code: body.code, limit: 10_000 }).toReversed();
  return ('ids' in body ? body.ids : [body.id]).map((id) => {
    const letter = store.deadLetters.get(id);
    if (letter === undefined) throw new Refused('not_found', `Dead letter ${id} is not kept.`);
    return letter;
  });
}

function pageLetter(letter: StoredDeadLetter, store: SqliteStore): DeadLetter {
  const position = /at byte (\d+)/.exec(letter.sentence)?.[1];
  return {
    id: letter.id,
    code: letter.code,
    sentence: letter.sentence,
    node: letter.node,
    source: letter.source,
    partition: letter.partition,
    offset: letter.offset,
    eventTime: letter.eventTime,
    at: letter.at,
    bytes: Buffer.from(letter.raw).toString('base64'),
    cut: letter.rawLength > letter.raw.length,
    position: position === undefined ? undefined : Number(position),
    replayed: store.replay.isReplayed(letter.id),
  };
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
