import { expect, test } from 'vitest';
import { settingNames } from '../engine/plan/settings-schema.ts';
import { isStateful } from '../engine/plan/state-hash.ts';
import { catalog } from '../nodes/catalog.ts';

/** [E8] What an edit of each setting does to stored state, from the definitions: reviewed as a text. */
function table(): string {
  const lines = catalog.map((definition) => {
    const names = settingNames(definition);
    const decisive: readonly string[] = definition.stateKeys;
    const stateless = !isStateful(definition);
    const hot = names.filter((name) => !decisive.includes(name));
    const kept = stateless
      ? `  no state; hot: ${hot.join(', ') || 'nothing to set'}`
      : `  kept:    ${hot.join(', ') || 'nothing else to set'}`;
    return [definition.kind, ...(decisive.length === 0 ? [] : [`  refused: ${decisive.join(', ')}`]), kept].join('\n');
  });
  return `${lines.join('\n\n')}\n`;
}

test('[E8] settings that decide state, kind by kind, are the reviewed ones', async () => {
  await expect(table()).toMatchFileSnapshot('./state-of-settings.txt');
});

test('every setting that decides state exists', () => {
  for (const definition of catalog) {
    const names = settingNames(definition);
    expect(definition.stateKeys.filter((name) => !names.includes(name))).toEqual([]);
  }
});
