import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { applyDocument } from './apply.ts';
import type { HandlersOf } from './handlers.ts';
import { fixtureFiles } from './fixtures.ts';
import { entryOf, planOf, type Studio } from './studio.ts';

type Names = 'status' | 'runs' | 'metrics' | 'start' | 'pause' | 'resume' | 'drain' | 'stop' | 'kill' | 'apply';

/** Runs of a pipeline: start, pause, drain, stop, apply, and what is known of them. */
export function runHandlers(studio: Studio): HandlersOf<Names> {
  const { supervisor } = studio;
  const id = (asked: { readonly path: Readonly<Record<string, string>> }): string => entryOf(studio, asked.path['id']!).id;
  return {
    status: (asked) => supervisor.status(id(asked)) ?? null,
    runs: (asked) => supervisor.records(id(asked)),
    metrics: (asked) => supervisor.run(id(asked))?.recorder.history() ?? { at: [], epoch: [], nodes: {} },
    start: (asked) => {
      const document = asked.body.document as PipelineDocument;
      id(asked);
      const plan = planOf(studio, document);
      const { from, fresh, revision } = asked.body;
      return supervisor.start({
        document,
        revision,
        planHash: plan.hash,
        from: from === 'fixture' ? 'stored' : from,
        words: [
          ...(from === 'fixture' ? fixtureWords(studio, plan) : []),
          ...(fresh === true || isAnew(from) ? ['--fresh', '--adopt', '--allow-duplicates'] : []),
        ],
      });
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

/** A start from another place than the stored one begins with an empty state; its sinks are taken over. */
function isAnew(from: unknown): boolean {
  return from !== 'stored' && from !== 'fixture';
}

/** Each source reads the fixture of its name beside the templates; sources without one are empty, sinks only count. */
function fixtureWords(studio: Studio, plan: ReturnType<typeof planOf>): readonly string[] {
  return fixtureFiles(studio, plan).flatMap(([node, file]) => ['--read', `${node}=${file}`]);
}
