import { z } from 'zod';
import type { AnyDefinition } from '../model/definition.ts';

/** One field of a kind's settings as its definition describes it; `[]` in a path stands for every entry of a list. */
export interface SettingField {
  readonly path: readonly string[];
  readonly meta: Readonly<Record<string, unknown>>;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly [meta: string]: unknown;
}

const schemas = new WeakMap<AnyDefinition, JsonSchema>();

/** The settings of a kind as JSON Schema with the fields' meta (title, help, unit, widget): forms and editors read this. */
export function settingsSchema(definition: AnyDefinition): Readonly<Record<string, unknown>> {
  let schema = schemas.get(definition);
  if (schema === undefined) {
    schema = z.toJSONSchema(definition.settings, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    schemas.set(definition, schema);
  }
  return schema;
}

/** Names of the settings in the order of the definition. */
export function settingNames(definition: AnyDefinition): readonly string[] {
  return Object.keys((settingsSchema(definition) as JsonSchema).properties ?? {});
}

/** Every field, nested ones after the one that holds them. */
export function settingFields(definition: AnyDefinition): readonly SettingField[] {
  const fields: SettingField[] = [];
  walk(settingsSchema(definition) as JsonSchema, [], fields);
  return fields;
}

/** Names that may stand at a place of the settings (`[]` for an entry of a list). */
export function namesAt(definition: AnyDefinition, path: readonly PropertyKey[]): readonly string[] {
  let at: readonly JsonSchema[] = forms(settingsSchema(definition) as JsonSchema);
  for (const key of path) {
    const inside = at.flatMap((schema) => (typeof key === 'number' ? [schema.items] : [schema.properties?.[String(key)]]));
    at = inside.flatMap((schema) => (schema === undefined ? [] : forms(schema)));
  }
  return at.flatMap((schema) => Object.keys(schema.properties ?? {}));
}

function walk(schema: JsonSchema, path: readonly string[], fields: SettingField[]): void {
  for (const form of forms(schema)) {
    for (const [name, inner] of Object.entries(form.properties ?? {})) {
      fields.push({ path: [...path, name], meta: inner });
      walk(inner, [...path, name], fields);
    }
    if (form.items !== undefined) {
      if (typeof form.items['widget'] === 'string') fields.push({ path: [...path, '[]'], meta: form.items });
      walk(form.items, [...path, '[]'], fields);
    }
  }
}

function forms(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []).flatMap(forms), ...(schema.oneOf ?? []).flatMap(forms)];
}
