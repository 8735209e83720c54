import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { durationUs } from '../../engine/model/duration.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { needsEventTime } from '../kit/field-problems.ts';
import { readsOf } from '../kit/expression-setting.ts';
import { columnName, duration, field } from '../kit/settings.ts';
import { WindowGeometry } from '../kit/window-geometry.ts';
import { analyseWindow, BOUNDS, needsIds } from './core/analyse-window.ts';
import { examples } from './core/examples.ts';
import { fixedLength, gapUs, type GroupKey, type WindowKind, type WindowSettings } from './core/window-settings.ts';

export type { WindowSettings } from './core/window-settings.ts';

/** Panes of one window: each is combined whenever the window closes. */
const MOST_PANES = 3600;

const length = (title: string, help: string): z.ZodString =>
  duration().meta(field({ title, help, widget: 'duration' })) as z.ZodString;

const windowSchema: z.ZodType<WindowKind> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tumbling'), size: length('Size', 'Length of each window.') }),
  z.strictObject({
    kind: z.literal('hopping'),
    size: length('Size', 'Length of each window.'),
    every: length('Every', 'A new window begins so often; not longer than the size.'),
  }),
  z.strictObject({ kind: z.literal('session'), gap: length('Gap', 'A silence of this length ends a session.') }),
  z.strictObject({
    kind: z.literal('running'),
    ttl: z
      .union([duration(), z.literal('')])
      .default('')
      .meta(
        field({ title: 'Forget after', help: 'A key without rows for so long is forgotten. Empty: never.', widget: 'duration' }),
      ),
  }),
]);

const expression = z.string().max(4096);

const settingsSchema: z.ZodType<WindowSettings> = z.strictObject({
  window: windowSchema.default({ kind: 'tumbling', size: '1m' }).meta(
    field({
      title: 'Window',
      help: 'tumbling: one after the other · hopping: overlapping · session: until a silence · running: no window, one row per key.',
      widget: 'choice',
    }),
  ),
  by: z
    .array(z.union([columnName(), z.strictObject({ name: columnName(), expression })]))
    .max(50)
    .default([])
    .meta(
      field({ title: 'Group by', help: 'Columns, or expressions with a name. Rows with NULL form a group too.', widget: 'fields' }),
    ),
  columns: z
    .array(z.strictObject({ name: columnName(), expression: expression.meta(field({ title: 'Expression', widget: 'aggregate' })) }))
    .min(1)
    .max(200)
    .default([{ name: 'count', expression: 'count(*)' }])
    .meta(field({ title: 'Columns', help: 'Expressions over aggregates: count(*) / 60.0', widget: 'list' })),
  limits: z
    .strictObject({
      keys: z.int().min(1).max(100_000_000).default(1_000_000),
      bytes: z.int().min(1_048_576).default(536_870_912),
      policy: z.enum(['fail', 'other']).default('fail'),
    })
    .default({ keys: 1_000_000, bytes: 536_870_912, policy: 'fail' })
    .meta(
      field({
        title: 'Limits',
        help: 'Beyond so many keys the run stops, or (other) further keys of a pane are collected under __other__. Beyond so many bytes of state it stops.',
        advanced: true,
      }),
    ),
  fill_gaps: z
    .int()
    .min(0)
    .max(1440)
    .default(0)
    .meta(
      field({
        title: 'Fill gaps',
        help: 'A group gets a row for up to so many windows without rows, as long as some group has rows later.',
        unit: 'windows',
        widget: 'number',
        advanced: true,
      }),
    ),
});

export const definition = defineNode<WindowSettings>({
  kind: 'window',
  version: 1,
  family: 'window',
  role: 'operator',
  title: 'Window',
  summary: 'by event time',
  help: [
    'Groups rows by event time and by key and computes aggregates for each group.',
    '',
    '- **tumbling** 1 min: one window after the other. **hopping** 1 min every 10 s: each row is in six windows. Windows are aligned to the epoch in UTC and half-open: a row at `window_end` belongs to the next one.',
    '- **session**: rows of a key with less than `gap` between them. **running**: no window, the newest values of each key, forgotten after a silence.',
    '- Port `out` sends each window once, when the watermark has reached its end; the row’s event time is then `window_end` − 1 µs. Port `updates` sends changed groups every epoch, for sinks that replace rows by key. Port `late` gets the rows whose first window has already ended.',
    '- Aggregates: `count(*)`, `count(x)`, `count(DISTINCT x)` (exact), `sum`, `avg`, `min`, `max`, `stddev_pop`, `stddev_samp`, `bool_and`, `bool_or`, `array_agg(x, n)` (the first n values; the State tab counts arrays that were cut), `first`, `last`, `top(x, n)`, `top_counts(x, n)`, each with `FILTER (WHERE …)`, and expressions over them: `count(*) / 60.0`.',
    '- A session that comes behind its own watermark does not reach back into one that has ended by then: it begins a new session.',
  ].join('\n'),
  icon: 'timer',
  settings: settingsSchema,
  ports: ({ window }) => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs:
      window.kind === 'running'
        ? [{ name: 'updates', title: 'updates', role: 'main' }]
        : [
            { name: 'out', title: 'out', role: 'main' },
            { name: 'updates', title: 'updates', role: 'side' },
            { name: 'late', title: 'late', role: 'falls-out' },
          ],
  }),
  infer(settings, [input]) {
    const problems = lengthProblems(settings);
    if (input === undefined) return { outputs: undefined, problems };
    if (!input.timed) problems.push(needsEventTime('A window'));
    const { window, problems: found } = analyseWindow(settings, input);
    problems.push(...found);
    if (settings.limits.policy === 'other' && settings.by.length > 0 && !window.keys.some((key) => key.field.type === 'text')) {
      problems.push(
        wrong(
          'limits.policy',
          '"other" collects keys under the text __other__, but no group key is text.',
          'Set the policy to "fail".',
        ),
      );
    }
    if (problems.some(({ severity }) => severity === 'error')) return { outputs: undefined, problems };
    return { outputs: outputsOf(settings, input), problems };
  },
  reads: (settings, [input]) => {
    const { window } = analyseWindow(settings, input!);
    const calls = window.columns.flatMap((column) => column.calls);
    const reads = {
      ...readsOf([
        ...window.keys.map(({ typed }) => typed),
        ...calls.flatMap(({ argument, filter }) => [argument, filter]).filter((typed) => typed !== undefined),
      ]),
    };
    const asIds = [...window.keys.map(({ typed }) => typed), ...calls.filter(needsIds).map(({ argument }) => argument)];
    for (const typed of asIds) if (typed?.root.op === 'column') reads[typed.root.name] = 'dictionary';
    return [reads];
  },
  // port late carries the input's own columns
  passes: true,
  stateKeys: ['window', 'by', 'columns'],
  guarantee:
    'Open windows survive a crash; each window leaves `out` once, with the same values whatever the order of partitions. Rows of `updates` repeat.',
  view: ({ columns, window, by }) => ({
    as: window.kind === 'running' ? 'table' : 'line',
    x: window.kind === 'running' ? undefined : 'window_end',
    y: columns.slice(0, 1).map(({ name }) => name),
    series: by.length === 0 ? undefined : nameOf(by[0]!),
  }),
  horizonUs: ({ window }) => fixedLength(window)?.sizeUs ?? finite(gapUs(window)),
  migrations: [],
  caption: ({ window }) => {
    switch (window.kind) {
      case 'tumbling':
        return spoken(window.size);
      case 'hopping':
        return `${spoken(window.size)} every ${spoken(window.every)}`;
      case 'session':
        return `session, ${spoken(window.gap)} gap`;
      case 'running':
        return window.ttl.trim() === '' ? 'running' : `running, ${spoken(window.ttl)}`;
    }
  },
  examples,
});

function nameOf(key: GroupKey): string {
  return typeof key === 'string' ? key : key.name;
}

function finite(us: number): number {
  return Number.isFinite(us) ? us : 0;
}

/** "1m 30s" → "1 min 30 s" */
function spoken(text: string): string {
  return text
    .trim()
    .replace(/(\d+)\s*(ms|s|m|h|d)/g, (_, amount: string, unit: string) => `${amount} ${unit === 'm' ? 'min' : unit}`)
    .replace(/\s+/g, ' ');
}

function wrong(path: string, message: string, mend: string): LocalProblem {
  return { code: 'wrong_setting', severity: 'error', field: path, message, mend };
}

function lengthProblems({ window, limits, fill_gaps }: WindowSettings): LocalProblem[] {
  const problems: LocalProblem[] = [];
  const zero = (path: string, what: string, text: string): void => {
    if (durationUs(text) === 0) problems.push(wrong(path, `${what} is 0.`, 'Write a duration such as 10s or 1m.'));
  };
  if (window.kind === 'tumbling' || window.kind === 'hopping') zero('window.size', 'The size of the window', window.size);
  if (window.kind === 'session') zero('window.gap', 'The gap of the session', window.gap);
  if (window.kind === 'running') {
    if (window.ttl.trim() === '') {
      problems.push({
        code: 'unbounded_state',
        severity: 'warning',
        field: 'window.ttl',
        message: 'This running window never forgets a key, so its state grows with every new one.',
        mend: 'Set "forget after", for example 7d.',
      });
    } else zero('window.ttl', '"Forget after"', window.ttl);
  }
  if (window.kind === 'hopping') {
    zero('window.every', '"Every"', window.every);
    const { sizeUs, hopUs } = fixedLength(window)!;
    if (hopUs > sizeUs)
      problems.push(
        wrong(
          'window.every',
          `Windows of ${window.size} every ${window.every} would leave out rows between them.`,
          'Make "every" at most the size.',
        ),
      );
    else if (hopUs > 0 && sizeUs / new WindowGeometry(sizeUs, hopUs).paneUs > MOST_PANES) {
      problems.push(
        wrong(
          'window.every',
          `Each window would be put together from more than ${MOST_PANES} parts.`,
          'Make "every" longer, or one that divides the size.',
        ),
      );
    }
  }
  const fixed = window.kind === 'tumbling' || window.kind === 'hopping';
  if (!fixed && fill_gaps > 0) problems.push(wrong('fill_gaps', `A ${window.kind} window has no gaps to fill.`, 'Set it to 0.'));
  if (!fixed && limits.policy === 'other')
    problems.push(wrong('limits.policy', `"other" works with tumbling and hopping windows only.`, 'Set it to "fail".'));
  return problems;
}

function outputsOf(settings: WindowSettings, input: Schema): Schema[] {
  const { window } = analyseWindow(settings, input);
  const groupKey = window.keys.map(({ field: key }) => key.name);
  const columns = window.columns.map(({ field: column }) => column);
  const keyFields = window.keys.map(({ field: key }) => key);
  if (settings.window.kind === 'running') {
    const mode = { kind: 'updates' as const, key: groupKey, groupKey };
    return [{ fields: [...keyFields, ...columns], mode, keys: [groupKey], window: undefined, timed: true }];
  }
  const fixed = fixedLength(settings.window);
  const key = [...groupKey, 'window_start', 'window_end'];
  const out: Schema = { fields: [...keyFields, ...BOUNDS, ...columns], mode: APPEND, keys: [key], window: fixed, timed: true };
  // the bounds of an open session move, so only the group can identify its newest row
  const updatesKey = fixed === undefined ? groupKey : key;
  const updates: Schema = { ...out, mode: { kind: 'updates', key: updatesKey, groupKey }, keys: [updatesKey] };
  return [out, updates, input];
}
