import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../engine/plan/plan.ts';
import { Refused } from './refused.ts';
import type { Studio } from './studio.ts';

/** Fixture files by source node: `fixtures/<node>.jsonl[.gz]` beside the templates. */
export function fixtureFiles(studio: Studio, plan: Plan): readonly (readonly [node: string, file: string])[] {
  const found = plan.steps
    .filter((step) => step.role === 'source')
    .flatMap((step) => {
      const file = [`${step.node}.jsonl`, `${step.node}.jsonl.gz`]
        .map((name) => join(studio.templates, 'fixtures', name))
        .find((path) => existsSync(path));
      return file === undefined ? [] : [[step.node, file] as const];
    });
  if (found.length > 0) return found;
  throw new Refused('not_found', 'There is no fixture for any source of this pipeline.', {
    mend: 'Record a test on an edge, or start from the topic.',
  });
}
