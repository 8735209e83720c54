import type { AnyDefinition } from '../model/definition.ts';
import type { Problem } from '../model/problem.ts';
import type { Schema } from '../model/schema.ts';

/** Where an edge of updates began: the port that sends them and the ports beside it. */
export interface UpdatesOrigin {
  readonly node: string;
  readonly port: string;
  /** a port of the same node that sends final rows */
  readonly finalPort: string | undefined;
}

/**
 * [W4] May this node take this edge? Updates go only through nodes that accept them and into sinks that are keyed by
 * exactly the key of the updates, or by the group keys while they keep the newest full window.
 */
export function checkMode(
  definition: AnyDefinition,
  settings: unknown,
  node: string,
  edge: string,
  schema: Schema,
  origin: UpdatesOrigin | undefined,
): Problem | undefined {
  if (schema.mode.kind === 'append') return undefined;
  const { key, groupKey } = schema.mode;
  const final =
    origin?.finalPort === undefined
      ? undefined
      : `take port ${origin.finalPort} of "${origin.node}", which sends each row once and final.`;
  const refuse = (message: string, otherwise: string): Problem => ({
    code: 'needs_final_rows',
    severity: 'error',
    node,
    edge,
    message,
    mend: final === undefined ? `${otherwise}.` : `${otherwise}, or ${final}`,
  });
  if (!takesUpdates(definition)) {
    return refuse(
      `"${node}" needs final rows, but this edge carries updates: rows that replace earlier ones of the same ${key.join(', ')}.`,
      `Lead it to a sink keyed by ${key.join(', ')} or to a chart`,
    );
  }
  if (definition.role !== 'sink' || definition.sinkKey === undefined) return undefined;
  const sinkKey = definition.sinkKey(settings as never);
  if (sameNames(sinkKey, key)) return undefined;
  const newestFull = definition.newestFull?.(settings as never) === true;
  if (newestFull && sameNames(sinkKey, groupKey)) return undefined;
  const has = sinkKey.length === 0 ? 'has no key' : `is keyed by ${sinkKey.join(', ')}`;
  const groupOnly = sameNames(sinkKey, groupKey) && definition.newestFull !== undefined;
  return refuse(
    `"${node}" ${has}, but the rows of this edge replace each other by ${key.join(', ')}.`,
    groupOnly ? 'Set updates to newest_full' : `Key it by ${key.join(', ')}`,
  );
}

export function takesUpdates(definition: AnyDefinition): boolean {
  return definition.accepts?.includes('updates') === true;
}

/** [W4] A node that passes updates on must keep their key. */
export function checkKeyKept(node: string, port: string, schema: Schema): Problem | undefined {
  if (schema.mode.kind === 'append') return undefined;
  const names = new Set(schema.fields.map((field) => field.name));
  const lost = schema.mode.key.filter((column) => !names.has(column));
  if (lost.length === 0) return undefined;
  return {
    code: 'needs_final_rows',
    severity: 'error',
    node,
    message: `"${node}" drops ${lost.join(', ')}, but the updates it passes on at "${port}" replace each other by that key.`,
    mend: `Keep ${lost.join(', ')}, or feed "${node}" with final rows.`,
  };
}

/** [K9] A keyed sink whose key is not known to be unique keeps one of several rows: which one must be said, or is warned of. */
export function checkUniqueKey(definition: AnyDefinition, settings: unknown, node: string, schema: Schema): Problem | undefined {
  if (definition.role !== 'sink' || definition.sinkKey === undefined || schema.mode.kind !== 'append') return undefined;
  const sinkKey = definition.sinkKey(settings as never);
  if (definition.saysWhichStays?.(settings as never) === true) return undefined;
  if (sinkKey.length === 0 || schema.keys.some((key) => key.every((column) => sinkKey.includes(column)))) return undefined;
  const leave = 'Leave it where the messages make it unique, or put a dedupe in front.';
  const known = schema.keys.map((key) => `(${key.join(', ')})`).join(' or ');
  return {
    code: 'key_not_unique',
    severity: 'warning',
    node,
    message:
      known === ''
        ? `"${node}" is keyed by ${sinkKey.join(', ')}; nothing upstream makes this unique, so of several rows with the same key the last to arrive remains.`
        : `"${node}" is keyed by ${sinkKey.join(', ')}, but its rows are unique by ${known}: several rows share a key and the last one remains.`,
    mend:
      known !== ''
        ? `Key it by ${known}.`
        : definition.saysWhichStays === undefined
          ? leave
          : `Say with "newer only" by which time the newest one stays. ${leave}`,
  };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
