import { expect, test } from 'vitest';
import { z } from 'zod';
import { catalog } from '../../../nodes/catalog.ts';
import type { SettingSchema } from '../../protocol/catalog.ts';
import { emptyOf, isNamedExpressions, plainOf, variantOf, variantsOf } from './schema-reading.ts';

const union: SettingSchema = {
  oneOf: [
    { type: 'object', properties: { kind: { const: 'tumbling' }, size: { type: 'string' } } },
    { type: 'object', properties: { kind: { const: 'session' }, gap: { type: 'string' } } },
  ],
};

test('a union told apart by a constant is a choice, any other is edited as its first plain member', () => {
  expect(variantsOf(union)!.map((variant) => variant.value)).toEqual(['tumbling', 'session']);
  expect(variantOf(variantsOf(union)!, { kind: 'session' }).value).toBe('session');
  expect(variantsOf({ anyOf: [{ type: 'string' }, { const: '' }] })).toBeUndefined();
  expect(plainOf({ title: 'Forget after', anyOf: [{ type: 'string', pattern: 'x' }, { const: '' }] })).toEqual({
    title: 'Forget after',
    type: 'string',
    pattern: 'x',
  });
});

test('an empty entry of a list has every property', () => {
  expect(emptyOf({ type: 'object', properties: { name: { type: 'string' }, weight: { type: 'number', default: 1 } } })).toEqual({
    name: '',
    weight: 1,
  });
});

test('every setting of every kind has a title and a shape that the form can edit', () => {
  const strange: string[] = [];
  for (const definition of catalog) {
    const schema = z.toJSONSchema(definition.settings, { io: 'input', unrepresentable: 'any' }) as SettingSchema;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const plain = plainOf(property);
      const editable =
        variantsOf(property) !== undefined ||
        plain.enum !== undefined ||
        ['string', 'number', 'integer', 'boolean', 'array', 'object'].includes(String(plain.type)) ||
        isNamedExpressions(property);
      if (property.title === undefined || !editable) strange.push(`${definition.kind}.${name}`);
    }
  }
  expect(strange).toEqual([]);
});
