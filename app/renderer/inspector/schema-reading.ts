import type { SettingSchema } from '../../protocol/catalog.ts';

/** How a form reads a JSON Schema: which shape a setting has, nothing about any kind. */

export interface Variant {
  /** name and value of the property that tells the variants apart */
  readonly tag: string;
  readonly value: string;
  readonly schema: SettingSchema;
}

/** Objects told apart by a constant (`kind: "hopping"`); undefined: no such union. */
export function variantsOf(schema: SettingSchema): readonly Variant[] | undefined {
  const members = schema.oneOf ?? schema.anyOf;
  if (members === undefined || members.length < 2) return undefined;
  const variants: Variant[] = [];
  for (const member of members) {
    const tag = Object.entries(member.properties ?? {}).find(([, property]) => typeof property.const === 'string');
    if (tag === undefined) return undefined;
    variants.push({ tag: tag[0], value: tag[1].const as string, schema: member });
  }
  return variants;
}

export function variantOf(variants: readonly Variant[], value: unknown): Variant {
  const tag = variants[0]!.tag;
  const chosen = (value as Readonly<Record<string, unknown>> | undefined)?.[tag];
  return variants.find((variant) => variant.value === chosen) ?? variants[0]!;
}

/** `string | ''` and the like: one member that decides how it is edited. */
export function plainOf(schema: SettingSchema): SettingSchema {
  const members = schema.anyOf ?? schema.oneOf;
  if (members === undefined) return schema;
  const object =
    members.find((member) => member.type !== undefined && member.const === undefined && member.enum === undefined) ?? members[0]!;
  const { anyOf: _, oneOf: __, ...rest } = schema;
  return { ...object, ...rest };
}

/** a list of { name, expression } */
export function isNamedExpressions(schema: SettingSchema): boolean {
  const properties = schema.items?.properties;
  return properties !== undefined && 'name' in properties && 'expression' in properties;
}

export function sentenceOf(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll('-', ' ')
    .replaceAll(/\b(json|csv|sql|ttl)\b/g, (word) => word.toUpperCase());
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** an empty value of a schema, for a new entry of a list */
export function emptyOf(schema: SettingSchema): unknown {
  if (schema.default !== undefined) return schema.default;
  const plain = plainOf(schema);
  if (plain.type === 'object')
    return Object.fromEntries(Object.entries(plain.properties ?? {}).map(([name, property]) => [name, emptyOf(property)]));
  if (plain.type === 'array') return [];
  if (plain.type === 'boolean') return false;
  if (plain.type === 'number' || plain.type === 'integer') return plain.minimum ?? 0;
  return plain.enum?.[0] ?? '';
}
