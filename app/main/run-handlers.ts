import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FILE } from '../../engine/host/sqlite-store.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { applyDocument } from './apply.ts';
import type { HandlersOf } from './handlers.ts';
import { fixtureWords } from './fixtures.ts';
import { Refused } from './refused.ts';
import { entryOf, planOf, type Studio } from './studio.ts';
import type { StartWish } from './supervisor.ts';

type Names = 'status' | 'runs' | 'metrics' | 'log' | 'start' | 'pause' | 'resume' | 'drain' | 'stop' | 'kill' | 'apply';

/** Runs of a pipeline: start, pause, drain, stop, apply, and what is known of them. */
export function runHandlers(studio: Studio): HandlersOf<Names> {
  const { supervisor } = studio;
  const id = (asked: { readonly path: Readonly<Record<string, string>> }): string => entryOf(studio, asked.path['id']!).id;
  return {
    status: (asked) => supervisor.status(id(asked)) ?? null,
    runs: (asked) => supervisor.records(id(asked)),
    metrics: (asked) => supervisor.run(id(asked))?.recorder.history() ?? { at: [], epoch: [], nodes: {} },
    log: (asked) => supervisor.run(id(asked))?.recorder.log() ?? [],
    start: (asked) => {
      const document = asked.body.document as PipelineDocument;
      id(asked);
      const plan = planOf(studio, document);
      const { from, fresh = false, revision } = asked.body;
      if (from === 'fixture')
        return supervisor.start({ document, revision, planHash: plan.hash, from: 'earliest', words: fixtureWords(studio, plan) });
      if (!fresh) refuseRepeats(studio, plan, from);
      return supervisor.start({ document, revision, planHash: plan.hash, from, words: freshWords(from, fresh) });
    },
    pause: (asked) => supervisor.move(id(asked), 'pause'),
    resume: (asked) => supervisor.move(id(asked), 'resume'),
    drain: (asked) => supervisor.move(id(asked), 'drain'),
    stop: (asked) => supervisor.move(id(asked), 'stop'),
    kill: (asked) => supervisor.kill(id(asked)),
    apply: (asked) =>
      applyDocument(studio, id(asked), asked.body.document as PipelineDocument, asked.body.revision, asked.body.choices ?? {}),
  };
}

/**
 * A stored state belongs to its positions, so a start from another place begins with an empty one. The sinks are taken over: rows
 * with a key replace each other. Rows without a key are written a second time only when the user gave up the stored state (`fresh`),
 * or when nothing is read twice (`latest`).
 */
function freshWords(from: StartWish['from'], fresh: boolean): readonly string[] {
  if (from === 'stored' && !fresh) return [];
  return ['--fresh', '--adopt', ...(fresh || from === 'latest' ? ['--allow-duplicates'] : [])];
}

/** Before the stored state is given up: sinks that would get rows again which they cannot tell from the first ones. */
function refuseRepeats(studio: Studio, plan: Plan, from: StartWish['from']): void {
  if (from === 'stored' || from === 'latest' || !hasState(studio, plan.pipelineId)) return;
  const without = plan.steps.filter((step) => {
    const definition = studio.catalog.find(({ kind }) => kind === step.kind);
    const outside = definition?.connection !== undefined;
    return step.role === 'sink' && outside && (definition.sinkKey?.(step.settings as never) ?? []).length === 0;
  });
  if (without.length === 0) return;
  const names = without.map(({ node }) => node).join(', ');
  throw new Refused(
    'not_now',
    `Rows that are read again would be written twice to ${names}: rows there have no key. Nothing was started.`,
    {
      mend: 'Start where it stopped, or start fresh, which writes them again.',
    },
  );
}

function hasState(studio: Studio, pipelineId: string): boolean {
  return existsSync(join(studio.workspace, 'state', pipelineId, STATE_FILE));
}
