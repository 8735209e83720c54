import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(tsx?|css)$/.test(name) && !name.startsWith('theme') && !name.endsWith('.test.ts'),
);

test('no colour value stands outside theme/', () => {
  const found = files.flatMap((name) =>
    readFileSync(join(root, name), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(/i.test(line) ? [`${name}:${index + 1} ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});

test('words in capitals only are no style of ours', () => {
  const found = files.filter((name) => readFileSync(join(root, name), 'utf8').includes('text-transform'));
  expect(found).toEqual([]);
});

/** WCAG 2.2 contrast of two hex colours. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

test('text of every theme reads at 4.5:1 on every surface it stands on', () => {
  const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
  const poor: string[] = [];
  for (const [theme, block] of [
    ['dark', /:root\[data-theme='dark'\] \{([\s\S]*?)\n\}/],
    ['light', /:root\[data-theme='light'\] \{([\s\S]*?)\n\}/],
  ] as const) {
    const text = block.exec(css)![1]!;
    const token = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(text)![1]!;
    for (const ground of ['surface-canvas', 'surface-panel', 'surface-node', 'surface-raised', 'surface-field']) {
      for (const ink of ['text-1', 'text-2', 'text-3', 'accent-text', 'ok-text', 'warn-text', 'bad-text', 'late-text']) {
        if (contrast(token(ground), token(ink)) < 4.5) poor.push(`${theme}: ${ink} on ${ground}`);
      }
    }
  }
  expect(poor).toEqual([]);
});
