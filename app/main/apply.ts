import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Problem } from '../../engine/model/problem.ts';
import type { Applied } from '../protocol/run.ts';
import { planDifference } from './plan-difference.ts';
import { Refused } from './refused.ts';
import { isAlive } from './run-moves.ts';
import { planOf, runningPlan, type Studio } from './studio.ts';
import { NotNow, type StartWish } from './supervisor.ts';

type Choices = Readonly<Record<string, 'fresh' | 'reprocess' | 'back'>>;

/**
 * [E8] The draft takes the place of what runs: stop at an epoch, start with the stored state. Whatever would lose state and has no
 * choice is refused before anything stops; when the new revision does not come up, the old one is started again.
 */
export async function applyDocument(
  studio: Studio,
  id: string,
  document: PipelineDocument,
  revision: number,
  choices: Choices,
): Promise<Applied> {
  const { supervisor } = studio;
  const running = runningPlan(studio, id);
  const old = supervisor.run(id)?.wish;
  if (running === undefined || old === undefined)
    throw new NotNow('The pipeline is not running, so there is nothing to apply to.', 'Start it.');
  const draft = withChoices(document, running.document, choices);
  const plan = planOf(studio, draft);
  const difference = planDifference(running, { document: draft, plan }, studio.catalog);
  const open = difference.nodes.filter((node) => node.state === 'refused' && choices[node.node] === undefined);
  if (open.length > 0) {
    throw new Refused('not_now', `${open.map(({ node }) => node).join(', ')} would lose state; nothing was stopped.`, {
      mend: 'Choose for each what becomes of its state.',
    });
  }
  if (difference.change === 'nothing') {
    supervisor.adopt(id, draft, revision);
    return { status: supervisor.status(id)!, difference, gapMs: 0 };
  }
  const paused = supervisor.run(id)?.state === 'paused' ? ['--paused'] : [];
  const began = studio.now();
  supervisor.move(id, 'stop');
  await supervisor.ended(id);
  const words = wordsOf(choices);
  supervisor.start({
    document: draft,
    revision,
    planHash: plan.hash,
    from: words.includes('--fresh') ? 'earliest' : 'stored',
    words,
  });
  const failed = await comesUp(studio, id);
  if (failed === undefined) return { status: supervisor.status(id)!, difference, gapMs: studio.now() - began };
  await supervisor.ended(id);
  const back: StartWish = { ...old, from: 'stored', words: paused };
  supervisor.start(back);
  await comesUp(studio, id);
  return { status: supervisor.status(id)!, difference, gapMs: studio.now() - began, rolledBack: failed };
}

/** `back`: the node stays as it runs. */
function withChoices(document: PipelineDocument, running: PipelineDocument, choices: Choices): PipelineDocument {
  const back = Object.keys(choices).filter((node) => choices[node] === 'back');
  if (back.length === 0) return document;
  const kept = running.nodes.filter((node) => back.includes(node.id));
  const nodes = [...document.nodes.filter((node) => !back.includes(node.id)), ...kept];
  // a node that the draft had removed comes back with its wires
  const missing = kept.filter((node) => !document.nodes.some((own) => own.id === node.id)).map((node) => node.id);
  const touches = (end: string): boolean => missing.includes(end.slice(0, end.indexOf('.')));
  const edges = [...document.edges, ...running.edges.filter(({ from, to }) => touches(from) || touches(to))];
  return { ...document, nodes, edges };
}

function wordsOf(choices: Choices): readonly string[] {
  if (Object.values(choices).includes('reprocess')) return ['--fresh', '--adopt', '--allow-duplicates'];
  return Object.entries(choices).flatMap(([node, choice]) => (choice === 'fresh' ? ['--fresh-node', node] : []));
}

/** Resolves when the run is running (undefined), or with why it ended instead. */
function comesUp(studio: Studio, id: string): Promise<Problem | undefined> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const status = studio.supervisor.status(id);
      if (status === undefined) return false;
      if (status.state === 'running' || status.state === 'paused') resolve(undefined);
      else if (!isAlive(status.state))
        resolve(status.cause ?? { code: 'ended', severity: 'error', message: `The new revision ended at once (${status.state}).` });
      else return false;
      return true;
    };
    if (look()) return;
    const stop = studio.supervisor.listen({
      status: (status) => {
        if (status.pipelineId === id && look()) stop();
      },
      event: () => undefined,
    });
  });
}
