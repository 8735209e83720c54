import { functionList } from '../../engine/expression/expression.ts';
import type { AnyDefinition, Port } from '../../engine/model/definition.ts';
import { settingsSchema } from '../../engine/plan/settings-schema.ts';
import type { KindEntry, SettingSchema } from '../protocol/catalog.ts';

interface Shape {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
}

/** The catalogue as data: everything about the kinds that is no function. */
export function kindEntries(catalog: readonly AnyDefinition[]): readonly KindEntry[] {
  return catalog.map((definition): KindEntry => {
    const schema = settingsSchema(definition) as Shape;
    const defaults = defaultsOf(schema) as Readonly<Record<string, unknown>>;
    const parsed = definition.settings.safeParse(defaults);
    const { inputs, outputs } = portsOf(definition, parsed.success ? parsed.data : withPlaceholders(schema));
    return {
      kind: definition.kind,
      version: definition.version,
      family: definition.family,
      role: definition.role,
      title: definition.title,
      summary: definition.summary,
      help: definition.help,
      icon: definition.icon,
      guarantee: definition.guarantee,
      settings: schema as SettingSchema,
      defaults,
      inputs,
      outputs,
      accepts: definition.accepts ?? ['append'],
      stateful: definition.stateKeys.length > 0,
      view: parsed.success ? definition.view?.(parsed.data, []) : undefined,
      examples: definition.examples.map((example) => ({
        title: example.title,
        settings: example.settings,
        inputs: example.inputs.map((input) => input.rows),
        outputs: example.outputs,
      })),
    };
  });
}

function portsOf(
  definition: AnyDefinition,
  settings: unknown,
): { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] } {
  return definition.ports(settings as never);
}

/** What a new node starts with; a setting that must be given is left out. */
function defaultsOf(schema: Shape): unknown {
  const settings: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    if (field.default !== undefined) settings[name] = field.default;
  return settings;
}

/** Ports hardly ever depend on a setting without a default; where they are asked for, empty values stand in. */
function withPlaceholders(schema: Shape): unknown {
  const settings: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) settings[name] = field.default ?? emptyOf(field);
  return settings;
}

function emptyOf(schema: Shape): unknown {
  const form = schema.oneOf?.[0] ?? schema.anyOf?.[0] ?? schema;
  if (form.const !== undefined) return form.const;
  if (form.enum !== undefined) return form.enum[0];
  switch (form.type) {
    case 'string':
      return '';
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return withPlaceholders(form);
  }
}

export function functionEntries(): readonly {
  readonly name: string;
  readonly signature: string;
  readonly help: string;
  readonly aggregate: boolean;
}[] {
  return functionList().map(({ name, signature, summary }) => ({ name, signature, help: summary, aggregate: false }));
}
