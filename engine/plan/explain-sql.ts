import { must } from '../model/assert.ts';
import type { AnyDefinition } from '../model/definition.ts';
import type { Field, Schema } from '../model/schema.ts';
import { analyse, analyseAggregate, sqlOf, type AggregateSignature } from '../expression/expression.ts';
import { valueAt } from './zod-problems.ts';
import type { Plan, Step } from './plan.ts';
import { settingFields } from './settings-schema.ts';

/**
 * Every expression of a plan as PostgreSQL reads it, all casts explicit (X4): what can be pasted into psql.
 * Expressions are found by the widget of their setting (`expression`, `aggregate`), so no kind is known here.
 * `aggregates`: the functions that windows know. The parser must be loaded.
 */
export function explainSql(plan: Plan, catalog: readonly AnyDefinition[], aggregates: readonly AggregateSignature[]): string {
  const lines = plan.steps.flatMap((step) => {
    const definition = must(
      catalog.find((own) => own.kind === step.kind),
      `the catalogue lost ${step.kind}`,
    );
    const feed = step.inputs[0];
    if (feed === undefined) return [];
    const input = plan.steps[feed.step]!.outputs[feed.port]!;
    const found = settingFields(definition).flatMap(({ path, meta }) => {
      const widget = meta['widget'];
      if (widget !== 'expression' && widget !== 'aggregate') return [];
      return placesOf(step.settings, path).map((place) => `  ${place.join('.')}: ${sql(step, input, widget, place, aggregates)}`);
    });
    return found.length === 0 ? [] : [step.node, ...found];
  });
  return lines.length === 0 ? 'No expressions.\n' : `${lines.join('\n')}\n`;
}

function sql(
  step: Step,
  input: Schema,
  widget: 'expression' | 'aggregate',
  place: readonly (string | number)[],
  aggregates: readonly AggregateSignature[],
): string {
  const text = String(valueAt(step.settings, place));
  if (widget === 'expression') {
    const analysis = analyse(text, input);
    return analysis.ok ? sqlOf(analysis.expression) : `(${analysis.problems[0]?.message ?? 'not valid'})`;
  }
  const analysis = analyseAggregate(text, input, aggregates, { keys: keyFields(step) });
  if (!analysis.ok) return `(${analysis.problems[0]?.message ?? 'not valid'})`;
  return analysis.calls.reduceRight((outer, call, i) => outer.replaceAll(`"$${i}"`, call.sql), sqlOf(analysis.outer));
}

/** group keys and window bounds: what stands beside the aggregates in a row */
function keyFields(step: Step): readonly Field[] {
  const [output] = step.outputs;
  if (output === undefined) return [];
  const names = new Set([...output.keys.flat(), ...(output.mode.kind === 'updates' ? output.mode.key : [])]);
  return output.fields.filter((field) => names.has(field.name));
}

/** `columns.[].expression` → columns.0.expression, columns.1.expression …, as far as the settings have them. */
function placesOf(settings: unknown, path: readonly string[]): readonly (readonly (string | number)[])[] {
  let places: readonly (readonly (string | number)[])[] = [[]];
  for (const key of path) {
    places = places.flatMap((place) => {
      const at = valueAt(settings, place);
      if (key !== '[]') return [[...place, key]];
      return Array.isArray(at) ? at.map((_, i) => [...place, i]) : [];
    });
  }
  return places.filter((place) => typeof valueAt(settings, place) === 'string' && valueAt(settings, place) !== '');
}
