import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { diffPlans, type NodeDiff } from '../../engine/plan/diff-plans.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import type { ApplyChoice, NodeDifference, PlanDifference } from '../protocol/plan-difference.ts';

export interface Planned {
  readonly document: PipelineDocument;
  readonly plan: Plan;
}

const CONSEQUENCES: Readonly<Record<ApplyChoice['choice'], string>> = {
  fresh: 'This node begins empty; all others go on as they are.',
  reprocess: 'Everything is read again from the beginning and written anew.',
  back: 'This node goes on as it runs now; your change of it is left out.',
};

/** What applying the draft to the running plan does, in the words of the page. */
export function planDifference(running: Planned, draft: Planned, catalog: readonly AnyDefinition[]): PlanDifference {
  const diff = diffPlans(running.plan, draft.plan, catalog);
  const changed = diff.nodes.filter((node) => node.change !== 'nothing' || node.state === 'refused');
  return {
    change: diff.change === 'setting' ? 'settings' : diff.change,
    nodes: changed.map((node) => nodeDifference(node, running, draft)),
    untouched: diff.nodes.length - changed.length,
  };
}

function nodeDifference(diff: NodeDiff, running: Planned, draft: Planned): NodeDifference {
  const was = running.plan.steps.find((step) => step.node === diff.node)?.settings as Readonly<Record<string, unknown>> | undefined;
  const is = draft.plan.steps.find((step) => step.node === diff.node)?.settings as Readonly<Record<string, unknown>> | undefined;
  const words = diff.settings.map((name) => `${plain(name)} ${valueText(was?.[name])} to ${valueText(is?.[name])}`);
  const first = diff.settings[0];
  return {
    node: diff.node,
    change:
      diff.change === 'setting' ? 'settings' : diff.change === 'rewire' ? 'rewired' : diff.change === 'added' ? 'added' : 'removed',
    words: words.length > 0 ? words.join(', ') : diff.change === 'rewire' ? 'other wires' : diff.change,
    caption:
      first === undefined
        ? diff.change === 'rewire'
          ? 'other wires'
          : diff.change
        : `${plain(first)} ${valueText(is?.[first])}, was ${valueText(was?.[first])}`,
    state: diff.state,
    stateWords: diff.because,
    choices: diff.choices.map((choice) => ({ choice: choice.id, title: choice.title, consequence: CONSEQUENCES[choice.id] })),
  };
}

function plain(name: string): string {
  return name.replaceAll('_', ' ');
}

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return 'empty';
  const text =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
