import { expect, test } from 'vitest';
import { api } from './api.ts';
import { liveRequestSchema, requests } from './requests.ts';
import { fillPath } from './route.ts';

test('paths are filled in and encoded, a missing part is a bug', () => {
  expect(fillPath(api.deadLetter.path, { id: 'a b', letter: 7 })).toBe('/api/pipelines/a%20b/dead/7');
  expect(() => fillPath(api.open.path, {})).toThrow('needs id');
});

test('no two routes share method and path', () => {
  const seen = Object.values(api).map((route) => `${route.method} ${route.path}`);
  expect(new Set(seen).size).toBe(seen.length);
});

test('unknown parts of a request are refused', () => {
  expect(requests.create.safeParse({ name: 'a', host: 'db' }).success).toBe(false);
  expect(requests.dead.parse({ limit: '20' })).toEqual({ limit: 20 });
  expect(liveRequestSchema.safeParse({ type: 'tap', pipelineId: 'p', node: 'Not an id', port: 'out' }).success).toBe(false);
});
