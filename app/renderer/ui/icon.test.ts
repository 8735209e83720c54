import { expect, test } from 'vitest';
import { catalog } from '../../../nodes/catalog.ts';
import { hasIcon } from './icon.tsx';

test('every icon that a kind names is in the bundle', () => {
  expect(catalog.map((definition) => definition.icon).filter((icon) => !hasIcon(icon))).toEqual([]);
});
