import type { AnyDefinition } from '../model/definition.ts';
import { canonicalText } from '../model/hash.ts';
import type { Plan, Step } from './plan.ts';
import { isStateful } from './state-hash.ts';

export type Change = 'nothing' | 'setting' | 'rewire' | 'added' | 'removed';

/** [E8] `none`: this node has no state · `kept` · `fresh`: it begins empty, nothing is lost · `refused`: state would be lost. */
export type StateVerdict = 'none' | 'kept' | 'fresh' | 'refused';

export interface Choice {
  readonly id: 'fresh' | 'reprocess' | 'back';
  readonly title: string;
}

export interface NodeDiff {
  readonly node: string;
  readonly change: Change;
  /** settings that differ, top level */
  readonly settings: readonly string[];
  readonly state: StateVerdict;
  readonly because: string;
  /** only when refused: what the user can do */
  readonly choices: readonly Choice[];
}

export interface PlanDiff {
  /** the greatest change: nothing to do, only settings, or other wires */
  readonly change: 'nothing' | 'setting' | 'rewire';
  /** true: applying it needs a choice first */
  readonly refused: boolean;
  /** nodes of both plans by id */
  readonly nodes: readonly NodeDiff[];
}

/** What applying `next` to a run of `old` does, node by node: the wires, the settings, and what becomes of state (E8). */
export function diffPlans(old: Plan, next: Plan, catalog: readonly AnyDefinition[]): PlanDiff {
  const byKind = new Map(catalog.map((definition) => [definition.kind, definition]));
  const before = new Map(old.steps.map((step) => [step.node, step]));
  const after = new Map(next.steps.map((step) => [step.node, step]));
  const ids = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const nodes = ids.map((id): NodeDiff => {
    const was = before.get(id);
    const is = after.get(id);
    if (was === undefined) return { node: id, change: 'added', settings: [], ...added(is!, byKind) };
    if (is === undefined) return { node: id, change: 'removed', settings: [], ...removed(was, byKind) };
    const settings = was.kind === is.kind ? changedSettings(was.settings, is.settings) : [];
    const rewired = was.kind !== is.kind || wires(old, was) !== wires(next, is);
    return {
      node: id,
      change: rewired ? 'rewire' : settings.length > 0 ? 'setting' : 'nothing',
      settings,
      ...state(was, is, settings, byKind),
    };
  });
  const rewired = nodes.some((node) => ['rewire', 'added', 'removed'].includes(node.change));
  return {
    change: rewired ? 'rewire' : nodes.some((node) => node.change === 'setting') ? 'setting' : 'nothing',
    refused: nodes.some((node) => node.state === 'refused'),
    nodes,
  };
}

/** One line a node that changes, for people. */
export function diffText(diff: PlanDiff): string {
  const lines = diff.nodes
    .filter((node) => node.change !== 'nothing' || node.state === 'refused')
    .map((node) => {
      const what =
        node.change === 'setting' || (node.change === 'rewire' && node.settings.length > 0)
          ? `${node.change} ${node.settings.join(', ')}`
          : node.change;
      const choices = node.choices.length === 0 ? '' : ` Choices: ${node.choices.map((choice) => choice.title).join(' · ')}.`;
      return `${node.node}: ${what}; state ${node.state}. ${node.because}${choices}`;
    });
  return lines.length === 0 ? 'Nothing to do.\n' : `${lines.join('\n')}\n`;
}

type Verdict = Pick<NodeDiff, 'state' | 'because' | 'choices'>;
type ByKind = ReadonlyMap<string, AnyDefinition>;

function state(was: Step, is: Step, settings: readonly string[], byKind: ByKind): Verdict {
  const had = hasState(was, byKind);
  const has = hasState(is, byKind);
  if (!had && !has) return { state: 'none', because: 'This node keeps nothing between rows.', choices: [] };
  if (!had) return { state: 'fresh', because: 'It had no state before.', choices: [] };
  if (has && was.stateHash === is.stateHash) {
    return {
      state: 'kept',
      because: was.role === 'source' ? 'It reads on where it stands.' : 'Nothing that its state depends on changes.',
      choices: [],
    };
  }
  const because =
    was.kind !== is.kind ? `It becomes another kind of node; ${held(was)} cannot be used.` : whyLost(was, is, settings, byKind);
  return { state: 'refused', because, choices: CHOICES };
}

function whyLost(was: Step, is: Step, settings: readonly string[], byKind: ByKind): string {
  const decisive = settings.filter((name) => (byKind.get(is.kind)?.stateKeys as readonly string[] | undefined)?.includes(name));
  if (decisive.length === 0) return `The columns it keeps are no longer the same, so ${held(was)} cannot be used.`;
  return `With another ${decisive.join(' and ')}, ${held(was)} mean${was.role === 'operator' ? 's' : ''} something else.`;
}

function added(step: Step, byKind: ByKind): Verdict {
  if (!hasState(step, byKind)) return { state: 'none', because: 'It is new.', choices: [] };
  return {
    state: 'fresh',
    because: step.role === 'source' ? 'It is new and starts where its settings say.' : 'It is new and sees rows from now on.',
    choices: [],
  };
}

function removed(step: Step, byKind: ByKind): Verdict {
  if (!hasState(step, byKind)) return { state: 'none', because: 'It kept nothing.', choices: [] };
  return { state: 'refused', because: `Without the node, ${held(step)} would be dropped.`, choices: CHOICES };
}

const CHOICES: readonly Choice[] = [
  { id: 'fresh', title: 'start this node fresh' },
  { id: 'reprocess', title: 'reprocess from the beginning' },
  { id: 'back', title: 'go back' },
];

function hasState(step: Step, byKind: ByKind): boolean {
  const definition = byKind.get(step.kind);
  // a kind that the catalogue lost: nothing is known of its state, so it counts as there
  return definition === undefined || isStateful(definition);
}

function held(step: Step): string {
  switch (step.role) {
    case 'source':
      return 'its positions in the input';
    case 'operator':
      return 'its stored state';
    case 'sink':
      return 'its rows on the way and what it knows of its table';
  }
}

function changedSettings(was: unknown, is: unknown): readonly string[] {
  const old = was as Readonly<Record<string, unknown>>;
  const next = is as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(old), ...Object.keys(next)])]
    .filter((key) => canonicalText(old[key]) !== canonicalText(next[key]))
    .toSorted();
}

/** where each input comes from, by name: step numbers differ between plans */
function wires(plan: Plan, step: Step): string {
  return step.inputs
    .map((input, i) =>
      input === undefined
        ? ''
        : `${plan.steps[input.step]!.node}.${plan.steps[input.step]!.outputPorts[input.port]!} -> ${step.inputPorts[i]!}`,
    )
    .join('\n');
}
