import { existsSync, readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { iconNames } from 'lucide-react/dynamic';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadParser } from '../../engine/expression/expression.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { catalog } from '../../nodes/catalog.ts';

const NODES = new URL('../../nodes/', import.meta.url);

/** Settings that a user must give anyway stand in the first example; kinds without examples are sources and sinks. */
function sampleSettings(definition: AnyDefinition): Record<string, unknown>[] {
  return definition.examples.map((example) => example.settings as Record<string, unknown>);
}

beforeAll(async () => {
  await loadParser();
});

test('every folder of a kind is in the catalogue, and the other way round', () => {
  const folders = readdirSync(NODES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/definition.ts`, NODES)))
    .map((entry) => entry.name);
  expect(catalog.map(({ kind }) => kind).toSorted()).toEqual(folders.toSorted());
});

describe.each(catalog.map((definition) => [definition.kind, definition] as const))('%s', (kind, definition) => {
  test('lives in the folder of its name, with what its role needs', async () => {
    const loaded = (await import(new URL(`${kind}/definition.ts`, NODES).href)) as { definition: unknown };
    expect(loaded.definition).toBe(definition);
    const has = (file: string): boolean => existsSync(new URL(`${kind}/${file}`, NODES));
    expect({ operator: has('operator.ts'), connector: has('connector.ts') }).toEqual({
      operator: definition.role !== 'source',
      connector: definition.role !== 'operator',
    });
  });

  test('says in words what it is', () => {
    expect(definition.title).toMatch(/^\S.*\S$/);
    expect(definition.summary.split(' ').length).toBeLessThanOrEqual(5);
    expect(definition.help.length).toBeGreaterThan(40);
    expect(definition.guarantee).toMatch(/[.]$/);
    expect(iconNames).toContain(definition.icon);
    expect(definition.migrations).toHaveLength(definition.version - 1);
  });

  test('every setting has a title, and a default unless it must be given', () => {
    const schema = z.toJSONSchema(definition.settings, { io: 'input' }) as {
      type: string;
      properties: Record<string, { title?: string; default?: unknown; help?: string }>;
      required?: string[];
    };
    expect(schema.type).toBe('object');
    for (const [name, property] of Object.entries(schema.properties)) {
      expect([name, property.title]).toEqual([name, expect.stringMatching(/\S/)]);
      expect([name, 'default' in property]).toEqual([name, !(schema.required ?? []).includes(name)]);
    }
  });

  test('settings survive JSON, their JSON Schema accepts what they accept, and unknown ones are refused', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      z.toJSONSchema(definition.settings, { io: 'input' }),
    );
    for (const sample of sampleSettings(definition)) {
      const parsed: unknown = definition.settings.parse(sample);
      expect(parsed).toEqual(sample);
      expect(definition.settings.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
      expect([validate(JSON.parse(JSON.stringify(parsed))), validate.errors]).toEqual([true, null]);
      expect(definition.settings.safeParse({ ...sample, no_such_setting: 1 }).success).toBe(false);
      expect(validate({ ...sample, no_such_setting: 1 })).toBe(false);
    }
    expect(definition.settings.safeParse({ no_such_setting: 1 }).success).toBe(false);
  });

  test('stateKeys are settings', () => {
    const schema = z.toJSONSchema(definition.settings, { io: 'input' }) as { properties: Record<string, unknown> };
    for (const key of definition.stateKeys) expect(Object.keys(schema.properties)).toContain(key);
  });

  test('ports have names of their own, and captions fit', () => {
    for (const sample of sampleSettings(definition)) {
      const { inputs, outputs } = definition.ports(sample as never);
      for (const ports of [inputs, outputs]) {
        const names = ports.map((port) => port.name);
        expect(new Set(names).size).toBe(names.length);
        expect(names.every((name) => /^[a-z][A-Za-z0-9_]*$/.test(name))).toBe(true);
      }
      expect(definition.caption(sample as never)).toMatch(/\S/);
    }
  });

  test('infers without throwing: nothing wired, empty and strange inputs', () => {
    const strange: Schema[] = [
      { fields: [], mode: { kind: 'append' }, keys: [], window: undefined, timed: false },
      {
        fields: [{ name: 'window_end', type: 'json', nullable: true }],
        mode: { kind: 'updates', key: ['gone'], groupKey: [] },
        keys: [['gone']],
        window: { sizeUs: 1, hopUs: 1 },
        timed: true,
      },
    ];
    for (const sample of sampleSettings(definition)) {
      const count = definition.ports(sample as never).inputs.length;
      const all = [undefined, ...strange].map((schema) => Array.from({ length: count }, () => schema));
      for (const inputs of all) {
        const { outputs, problems } = definition.infer(sample as never, inputs);
        if (outputs === undefined && count > 0 && inputs.every((input) => input !== undefined)) expect(problems).not.toEqual([]);
        for (const problem of problems) {
          expect(problem.code).toMatch(/^[a-z][a-z_]*$/);
          expect(problem.message).toMatch(/[.?!]$/);
        }
      }
    }
  });

  test('examples: what it reads is there, and what comes out is what it infers', () => {
    for (const example of definition.examples) {
      const schemas = example.inputs.map((input) => input.schema);
      const { outputs, problems } = definition.infer(example.settings, schemas);
      expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
      if (definition.role === 'sink') continue;
      const ports = definition.ports(example.settings).outputs.map((port) => port.name);
      expect(outputs).toHaveLength(ports.length);
      expect(ports).toEqual(expect.arrayContaining(Object.keys(example.outputs)));
      definition.reads(example.settings, schemas).forEach((reads, i) => {
        const names = schemas[i]!.fields.map((field) => field.name);
        expect(names).toEqual(expect.arrayContaining(Object.keys(reads)));
      });
      for (const [port, rows] of Object.entries(example.outputs)) {
        const fields = outputs![ports.indexOf(port)]!.fields.map((field) => field.name);
        for (const row of rows) expect(Object.keys(row)).toEqual(fields);
      }
    }
  });
});
