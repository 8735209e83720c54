import type { AnyDefinition } from '../../engine/model/definition.ts';
import { Fault } from '../../engine/model/fault.ts';
import type { Plan, Step } from '../../engine/plan/plan.ts';
import type { SinkWriter, SourceReader } from '../../engine/stream/connector.ts';

/** What stands behind a step: its own kind, a file in its place, or nothing at all. */
export type Outside =
  | { readonly as: 'own' }
  | { readonly as: 'stand-in'; readonly kind: string; readonly settings: unknown; readonly file: string }
  | { readonly as: 'empty'; readonly reader: SourceReader };

export interface StandIns {
  readonly reads: ReadonlyMap<string, string>;
  readonly writes: ReadonlyMap<string, string>;
}

/**
 * [product] With any --read the other sources are empty; with any --write the other sinks count and write nothing.
 * `readers`: what a flow test puts behind the sources; all sinks only count then.
 */
export function chooseOutsides(
  plan: Plan,
  catalog: readonly AnyDefinition[],
  files: StandIns,
  readers?: ReadonlyMap<string, SourceReader>,
): ReadonlyMap<number, Outside> {
  for (const [option, role, names] of [
    ['--read', 'source', files.reads],
    ['--write', 'sink', files.writes],
  ] as const) {
    for (const node of names.keys()) {
      if (plan.steps.some((step) => step.node === node && step.role === role)) continue;
      const known = plan.steps.filter((step) => step.role === role).map((step) => step.node);
      throw new Fault(
        'refused',
        'unknown_node',
        `${option} names ${node}, but the pipeline has no ${role} of that id (it has ${known.join(', ') || 'none'}).`,
        {
          mend: `Write ${option} NODE=FILE with one of those ids.`,
        },
      );
    }
  }
  return new Map(plan.steps.map((step) => [step.index, outsideOf(step, catalog, files, readers)]));
}

function outsideOf(
  step: Step,
  catalog: readonly AnyDefinition[],
  files: StandIns,
  readers: ReadonlyMap<string, SourceReader> | undefined,
): Outside {
  if (step.role === 'operator') return { as: 'own' };
  if (readers !== undefined) return { as: 'empty', reader: readers.get(step.node) ?? emptyReader };
  const names = step.role === 'source' ? files.reads : files.writes;
  if (names.size === 0) return { as: 'own' };
  const file = names.get(step.node);
  if (file === undefined) return { as: 'empty', reader: emptyReader };
  const wanted = step.role === 'source' ? 'reading' : 'writing';
  const definition = catalog.find((candidate) => candidate.standsIn === wanted);
  if (definition?.standInSettings === undefined) throw new Error(`bug: no kind stands in for ${wanted}`);
  return { as: 'stand-in', kind: definition.kind, settings: definition.settings.parse(definition.standInSettings(file)), file };
}

/** A source that has nothing and never will. */
export const emptyReader: SourceReader = {
  partitions: () => [0],
  poll: (ask) =>
    Promise.resolve(
      ask.map((partition) => ({
        partition,
        port: 0,
        count: 0,
        bytes: new Uint8Array(8),
        start: new Int32Array(0),
        end: new Int32Array(0),
        offsets: new Float64Array(0),
        timestamps: undefined,
        keys: undefined,
        headers: undefined,
        next: { offset: 0 },
        caughtUp: true,
        ended: true,
        logEnd: 0,
      })),
    ),
  close: () => Promise.resolve(),
};

/** A sink that counts and writes nothing. */
export function countingWriter(): SinkWriter {
  return {
    guarantee: { level: 'none', because: 'rows are counted, not written' },
    fence: () => Promise.resolve(undefined),
    take: () => Promise.resolve(),
    push: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
