import { must } from '../model/assert.ts';
import type { PhysicalField } from '../model/batch.ts';
import type { AnyDefinition } from '../model/definition.ts';
import { formatDuration } from '../model/duration.ts';
import type { Field, Schema } from '../model/schema.ts';
import type { Plan, Step } from './plan.ts';
import { isStateful } from './state-hash.ts';

/** What will happen, in words: rows on every edge, the two stages, state, guarantees. Ends with a line end. */
export function explainPlan(plan: Plan, catalog: readonly AnyDefinition[]): string {
  const definitions = plan.steps.map((step) =>
    must(
      catalog.find((definition) => definition.kind === step.kind),
      `the catalogue lost ${step.kind}`,
    ),
  );
  const stages = stagesOf(plan, definitions);
  const lines = [`${plan.pipelineName}: ${plan.steps.length} nodes, plan ${plan.hash.slice(0, 12)}`, '', 'Rows on each edge'];
  for (const step of plan.steps) step.inputs.forEach((_, input) => lines.push(...edgeLines(plan, step, input)));
  lines.push('', 'Stage 1, once for each partition of a source');
  plan.steps.forEach((step, i) => stages[i] === 1 && lines.push(...stepLines(step, definitions[i]!)));
  lines.push('', 'Stage 2, all partitions together');
  plan.steps.forEach((step, i) => stages[i] === 2 && lines.push(...stepLines(step, definitions[i]!)));
  lines.push('', 'State that survives a stop', ...stateLines(plan, definitions));
  lines.push('', 'Guarantees');
  plan.steps.forEach((step, i) => isStateful(definitions[i]!) && lines.push(`  ${step.node}: ${definitions[i]!.guarantee}`));
  return `${lines.join('\n')}\n`;
}

/** "stream text not null": a column as people write it. */
export function fieldText(field: Field): string {
  return `${field.name} ${field.type}${field.nullable ? '' : ' not null'}`;
}

/** A node belongs to stage 2 from the first node on that combines partitions: one with state, or a sink. */
function stagesOf(plan: Plan, definitions: readonly AnyDefinition[]): readonly (1 | 2)[] {
  const stages: (1 | 2)[] = [];
  plan.steps.forEach((step, i) => {
    const combines = step.role !== 'source' && isStateful(definitions[i]!);
    stages.push(combines || step.inputs.some((input) => input !== undefined && stages[input.step] === 2) ? 2 : 1);
  });
  return stages;
}

function edgeLines(plan: Plan, step: Step, input: number): string[] {
  const feed = step.inputs[input];
  if (feed === undefined) return [];
  const from = plan.steps[feed.step]!;
  const schema = from.outputs[feed.port]!;
  return [
    `  ${from.node}.${from.outputPorts[feed.port]!} → ${step.node}.${step.inputPorts[input]!}: ${modeText(schema)}`,
    `    ${schema.fields.length === 0 ? 'no columns' : schema.fields.map(fieldText).join(', ')}`,
  ];
}

function modeText(schema: Schema): string {
  const parts = [
    schema.mode.kind === 'append'
      ? 'each row is final'
      : `a row replaces the earlier one of the same ${schema.mode.key.join(', ')}`,
  ];
  if (schema.mode.kind === 'append' && schema.keys.length > 0) {
    parts.push(`unique by ${schema.keys.map((key) => (key.length === 1 ? key[0]! : `(${key.join(', ')})`)).join(' and ')}`);
  }
  if (schema.window !== undefined) {
    const { sizeUs, hopUs } = schema.window;
    parts.push(`windows of ${formatDuration(sizeUs)}${hopUs === sizeUs ? '' : ` every ${formatDuration(hopUs)}`}`);
  }
  if (!schema.timed) parts.push('no event time');
  return parts.join('; ');
}

function stepLines(step: Step, definition: AnyDefinition): string[] {
  const caption = definition.caption(step.settings as never);
  const lines = [`  ${step.node}: ${definition.title}${caption === '' ? '' : `, ${caption}`}`];
  step.wanted.forEach((fields, port) => {
    const which = step.wanted.length === 1 ? '' : ` at ${step.outputPorts[port]!}`;
    lines.push(`    ${fields.length === 0 ? `counts messages${which}` : `reads${which} ${fields.map(physicalText).join(', ')}`}`);
  });
  return lines;
}

function physicalText(field: PhysicalField): string {
  switch (field.as) {
    case 'dictionary':
      return `${field.name} (compared)`;
    case 'bytes':
      return `${field.name} (passed on)`;
    default:
      return field.name;
  }
}

function stateLines(plan: Plan, definitions: readonly AnyDefinition[]): string[] {
  return plan.steps.flatMap((step, i) => {
    const { stateKeys } = definitions[i]!;
    const what = { source: 'positions in the input', operator: 'groups, windows and held rows', sink: 'rows not yet delivered' }[
      step.role
    ];
    if (!isStateful(definitions[i]!)) return [];
    const keys =
      stateKeys.length === 0 ? '' : `, kept while ${stateKeys.join(', ')} stay${stateKeys.length === 1 ? 's' : ''} as set`;
    return [`  ${step.node}: ${what}${keys} (${step.stateHash.slice(0, 12)})`];
  });
}
