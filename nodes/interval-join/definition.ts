import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { durationUs } from '../../engine/model/duration.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { needsEventTime } from '../kit/field-problems.ts';
import { equalColumns, joinPorts, rightPrefix } from '../kit/join-settings.ts';
import { joinedColumns, joinedFields, joinProblems, joinReads } from '../kit/joined-columns.ts';
import { duration, field } from '../kit/settings.ts';

export interface IntervalJoinSettings {
  type: 'inner' | 'left';
  on: string[];
  before: string;
  after: string;
  right_prefix: string;
}

const settingsSchema: z.ZodType<IntervalJoinSettings> = z.strictObject({
  type: z
    .enum(['inner', 'left'])
    .default('inner')
    .meta(
      field({
        title: 'Rows kept',
        help: 'inner: pairs only. left: also left rows without a partner, with NULLs.',
        widget: 'choice',
      }),
    ),
  on: equalColumns('Columns that must be equal on both sides. NULL equals nothing.'),
  before: duration()
    .default('0s')
    .meta(field({ title: 'Before', help: 'How long before the left row its partner may be.', widget: 'duration' })),
  after: duration()
    .default('5m')
    .meta(
      field({
        title: 'After',
        help: 'How long after the left row its partner may be; a left row waits so long.',
        widget: 'duration',
      }),
    ),
  right_prefix: rightPrefix,
});

export const definition = defineNode<IntervalJoinSettings>({
  kind: 'interval-join',
  version: 1,
  family: 'join',
  role: 'operator',
  title: 'Interval join',
  summary: 'within a time bound',
  help: [
    'Joins each left row with the right rows of equal columns whose event time lies between left − before and left + after, both included.',
    'A left row is decided once the watermarks have passed left + after; that moment is the event time of what it gives. Left rows without a partner go to out with NULLs (left) or to unmatched (inner), right rows that no left row took to unmatched; these count as filtered.',
    'Rows behind their watermark go to late.',
  ].join('\n'),
  icon: 'arrow-right-left',
  settings: settingsSchema,
  ports: () => joinPorts,
  infer(settings, [left, right]) {
    if (left === undefined || right === undefined) return { outputs: undefined, problems: [] };
    const problems: LocalProblem[] = joinProblems(left, right, settings, false);
    if (!left.timed || !right.timed) problems.push(needsEventTime('Interval join'));
    if (problems.length > 0) return { outputs: undefined, problems };
    const columns = joinedColumns(left, right, settings, false);
    const fields = joinedFields(columns, left, right, { left: false, right: settings.type === 'left' });
    const fallen = joinedFields(columns, left, right, { left: true, right: true });
    const base = { mode: APPEND, keys: [], window: undefined, timed: true };
    return {
      outputs: [
        { ...base, fields },
        { ...base, fields: fallen },
        { ...base, fields: fallen },
      ],
      problems,
    };
  },
  reads: (settings, [left, right]) => joinReads(left!, right!, settings, false),
  passes: true,
  stateKeys: ['on', 'before', 'after'],
  holdsRows: () => true,
  horizonUs: (settings) => durationUs(settings.before) + durationUs(settings.after),
  guarantee: 'Waiting rows survive a crash; every pair is sent once.',
  migrations: [],
  caption: (settings) => `${settings.type} · −${settings.before} … +${settings.after}`,
  examples: [
    {
      title: 'A raid and the jumps in viewers within two minutes',
      settings: settingsSchema.parse({ on: ['stream_id'], after: '2m', type: 'left' }),
      inputs: [
        {
          schema: sideSchema('raided_at', 'raiders'),
          rows: [
            { stream_id: 'art', raided_at: '2026-01-01T00:00:00Z', raiders: 40 },
            { stream_id: 'demo', raided_at: '2026-01-01T00:01:00Z', raiders: 5 },
          ],
        },
        {
          schema: sideSchema('jumped_at', 'viewers'),
          rows: [
            { stream_id: 'art', jumped_at: '2026-01-01T00:00:30Z', viewers: 60 },
            { stream_id: 'art', jumped_at: '2026-01-01T00:02:00Z', viewers: 90 },
            { stream_id: 'art', jumped_at: '2026-01-01T00:02:01Z', viewers: 10 },
          ],
        },
      ],
      outputs: {
        out: [
          { stream_id: 'art', raided_at: '2026-01-01T00:00:00Z', raiders: 40, jumped_at: '2026-01-01T00:00:30Z', viewers: 60 },
          { stream_id: 'art', raided_at: '2026-01-01T00:00:00Z', raiders: 40, jumped_at: '2026-01-01T00:02:00Z', viewers: 90 },
          { stream_id: 'demo', raided_at: '2026-01-01T00:01:00Z', raiders: 5, jumped_at: null, viewers: null },
        ],
        unmatched: [{ stream_id: 'art', raided_at: null, raiders: null, jumped_at: '2026-01-01T00:02:01Z', viewers: 10 }],
      },
    },
  ],
});

function sideSchema(time: string, value: string): Schema {
  return {
    fields: [
      { name: 'stream_id', type: 'text', nullable: false },
      { name: time, type: 'timestamp', nullable: false },
      { name: value, type: 'integer', nullable: false },
    ],
    mode: APPEND,
    keys: [],
    window: undefined,
    timed: true,
  };
}
