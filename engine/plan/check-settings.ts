import type { z } from 'zod';
import type { AnyDefinition, Port } from '../model/definition.ts';
import type { PipelineNode } from '../model/pipeline.ts';
import type { Problem } from '../model/problem.ts';
import { namesAt } from './settings-schema.ts';
import { mistakesOf } from './zod-problems.ts';

export interface Ports {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

export interface CheckedSettings {
  /** parsed, defaults filled in; undefined: `problems` says why */
  readonly settings: unknown;
  /** known even with wrong settings where they do not decide the ports; undefined: unknown */
  readonly ports: Ports | undefined;
  readonly problems: readonly Problem[];
}

/** A node's settings against its kind: lifted from older versions, parsed, one problem for each wrong field. */
export function checkSettings(definition: AnyDefinition, node: PipelineNode): CheckedSettings {
  const version = node.version ?? 1;
  if (version > definition.version) {
    return {
      settings: undefined,
      ports: portsOf(definition, {}),
      problems: [
        {
          code: 'newer_settings',
          severity: 'error',
          node: node.id,
          message: `"${node.id}" holds settings of version ${version} of ${definition.title}; this Telemetra knows up to ${definition.version}.`,
          mend: 'Open it with a newer Telemetra, or replace the node by a new one.',
        },
      ],
    };
  }
  const lifted = lift(definition, version, node.settings);
  if (lifted === undefined) {
    return {
      settings: undefined,
      ports: portsOf(definition, {}),
      problems: [
        {
          code: 'wrong_setting',
          severity: 'error',
          node: node.id,
          message: `"${node.id}": its settings are not those of version ${version} of ${definition.title} and could not be lifted to ${definition.version}.`,
          mend: `Set them anew, with "version": ${definition.version}.`,
        },
      ],
    };
  }
  const parsed = definition.settings.safeParse(lifted) as z.ZodSafeParseResult<unknown>;
  if (parsed.success) return { settings: parsed.data, ports: definition.ports(parsed.data as never), problems: [] };
  const mistakes = mistakesOf(parsed.error, lifted, (path) => namesAt(definition, path));
  return {
    settings: undefined,
    ports: portsOf(definition, withoutFields(lifted, new Set(mistakes.map((mistake) => String(mistake.path[0]))))),
    problems: mistakes.map((mistake) => {
      const field = mistake.path.map(String).join('.');
      return {
        code: CODES[mistake.what],
        severity: 'error',
        node: node.id,
        field,
        message: `"${node.id}": setting "${field}" ${mistake.says}.`,
        mend: mistake.mend,
      };
    }),
  };
}

/** Settings of an older version, step by step; undefined: they are not what that version wrote. */
function lift(definition: AnyDefinition, version: number, settings: unknown): unknown {
  try {
    return definition.migrations.slice(version - 1).reduce<unknown>((old, step) => step(old), settings);
  } catch {
    // steps trust the form of their version; a file written by hand need not have it
    return undefined;
  }
}

const CODES = {
  missing: 'missing_setting',
  unknown: 'unknown_setting',
  wrong: 'wrong_setting',
  too_many: 'wrong_setting',
} as const;

/** Ports of a node whose settings are not whole; undefined where they depend on what is missing. */
function portsOf(definition: AnyDefinition, settings: Readonly<Record<string, unknown>>): Ports | undefined {
  const shape = (definition.settings as unknown as { readonly shape?: Readonly<Record<string, z.ZodType>> }).shape ?? {};
  const filled: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const own = field.safeParse(settings[name]);
    const fallback = own.success ? own : field.safeParse(undefined);
    if (fallback.success) filled[name] = fallback.data;
  }
  try {
    return definition.ports(filled as never);
  } catch {
    // only settings that are missing here can make it fail, and each of them is a problem already
    return undefined;
  }
}

function withoutFields(settings: unknown, names: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (typeof settings !== 'object' || settings === null) return {};
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.has(name)));
}
