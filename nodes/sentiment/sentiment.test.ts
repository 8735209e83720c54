import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../engine/model/dictionary.ts';
import { APPEND, type Schema } from '../../engine/model/schema.ts';
import { runOperator } from '../../tests/conformance/support/operator-run.ts';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import { afinnDropped, afinnWords, asToken, Lexicon, NEGATORS, telemetraWords, type Weighted } from './core/lexicon.ts';
import { TokenScorer } from './core/token-scorer.ts';
import { lowerWordCharacter } from './core/word-character.ts';
import { definition } from './definition.ts';
import { operator } from './operator.ts';

const SCHEMA: Schema = {
  fields: [{ name: 'message', type: 'text', nullable: true }],
  mode: APPEND,
  keys: [],
  window: undefined,
  timed: false,
};

function run(
  messages: readonly (string | null)[],
  settings: Record<string, unknown>,
  options: Parameters<typeof runOperator>[4] = {},
) {
  const parsed = definition.settings.parse({ field: 'message', ...settings });
  const rows = messages.map((message) => ({ message }));
  return runOperator(definition as unknown as AnyDefinition, operator, parsed, [{ schema: SCHEMA, partitions: [rows] }], options)
    .rows['out']!;
}

/** The rules S1 and S2 once more, on strings. */
function naive(text: string, words: readonly Weighted[], options: { negation: boolean }) {
  const weights = new Map(words.map(({ word, weight }) => [asToken(word)!, weight]));
  const tokens = [...text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu)].map(([token]) =>
    [...token].map((character) => (character === '’' ? "'" : character === 'İ' ? 'i' : character.toLowerCase())).join(''),
  );
  let sum = 0;
  let positive = 0;
  let negative = 0;
  let flip = 0;
  for (const token of tokens) {
    let weight = weights.get(token) ?? 0;
    if (options.negation && flip > 0) {
      weight = -weight;
      flip--;
    }
    if (options.negation && (NEGATORS.includes(token) || (token.length > 3 && token.endsWith("n't")))) flip = 3;
    sum += weight;
    if (weight > 0) positive++;
    if (weight < 0) negative++;
  }
  return {
    tokens: tokens.length,
    sum,
    positive,
    negative,
    score: tokens.length === 0 ? 0 : Math.min(1, Math.max(-1, sum / tokens.length)),
  };
}

const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...telemetraWords().map(({ word }) => word),
      'not',
      "don't",
      'isn’t',
      'LOVE',
      'İyi',
      'ΣΟΦΟΣ',
      'naïve',
      'e\u0301',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(' ', '  ', "'", '’', '\\', '"', '\n', '/', '🎉', '-', '\u2028', '٣', '한국어', '𝒳', 'é', 'ß', 'ẞ'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll('\u0000', '')) },
);
const message = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('').toWellFormed());

describe('tokens', () => {
  test('[S1] a letter, mark or digit of any script, lower-cased one code point to one', () => {
    let differences = 0;
    for (let codePoint = 1; codePoint < 0x110000; codePoint++) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const text = String.fromCodePoint(codePoint);
      const expected = /[\p{L}\p{M}\p{N}]/u.test(text) ? (codePoint === 0x130 ? 0x69 : text.toLowerCase().codePointAt(0)) : 0;
      if (lowerWordCharacter(codePoint) !== expected) differences++;
      else if (codePoint !== 0x130 && expected !== 0 && [...text.toLowerCase()].length !== 1) differences++;
    }
    expect(differences).toBe(0);
  });

  test.each([
    ["rock'n'roll", 1],
    ["rock''roll", 2],
    ["'quoted'", 1],
    ["don't", 1],
    ['don’t', 1],
    ["don'🎉", 1],
    ['a-b_c', 3],
    ['', 0],
    ['😂😂 !!', 0],
    ['日本語 テスト', 2],
    ['क्षमा', 1],
  ])('[S1] %j has %i tokens', (text, count) => {
    const scorer = new TokenScorer(new Lexicon(telemetraWords(), []), false);
    const bytes = encodeUtf8(text);
    scorer.score(bytes, 0, bytes.length, false);
    expect(scorer.tokens).toBe(count);
  });

  test('[S1] bytes and strings agree on any text, plain and as JSON string body', () => {
    for (const negation of [false, true]) {
      const lexicon = new Lexicon(telemetraWords(), negation ? NEGATORS : []);
      const scorer = new TokenScorer(lexicon, negation);
      fc.assert(
        fc.property(message, (text) => {
          const expected = naive(text, telemetraWords(), { negation });
          const escapedEverywhere = [...text]
            .map((character) =>
              [...Array(character.length).keys()]
                .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
                .join(''),
            )
            .join('');
          for (const [form, escaped] of [
            [text, false],
            [JSON.stringify(text).slice(1, -1), true],
            [escapedEverywhere, true],
          ] as const) {
            const bytes = encodeUtf8(`xx${form}"`);
            scorer.score(bytes, 2, bytes.length - 1, escaped);
            expect([scorer.tokens, scorer.sum, scorer.positiveWords, scorer.negativeWords]).toEqual([
              expected.tokens,
              expected.sum,
              expected.positive,
              expected.negative,
            ]);
          }
        }),
        { numRuns: 1500 },
      );
    }
  });

  test('[S1] a token of a megabyte is one token', () => {
    const scorer = new TokenScorer(new Lexicon(telemetraWords(), []), false);
    for (const text of ['a'.repeat(1 << 20), 'é'.repeat(1 << 19)]) {
      const bytes = encodeUtf8(text);
      scorer.score(bytes, 0, bytes.length, false);
      expect(scorer.tokens).toBe(1);
    }
  });
});

describe('scores', () => {
  test('[S2] weights over tokens, clamped; NULL stays NULL', () => {
    expect(run(['love love love', 'so sad today', '', null], {}).map((row) => row['sentiment'])).toEqual([1, -1 / 3, 0, null]);
    const words = [{ word: 'epic', weight: 5 }];
    expect(run(['epic', 'not epic at all ok'], { lexicon: 'own', words }).map((row) => row['sentiment'])).toEqual([1, 1]);
  });

  test('[S3] the default lexicon is the one of docs/semantics.md, word by word', () => {
    const page = readFileSync(new URL('../../docs/semantics.md', import.meta.url), 'utf8');
    const [, positive, negative] = /positive: ([a-z ]+); negative: ([a-z ]+);/.exec(page)!;
    const weighted = (words: string, weight: number): Weighted[] => words.split(' ').map((word) => ({ word, weight }));
    expect(telemetraWords()).toEqual([...weighted(positive!, 1), ...weighted(negative!, -1)]);
  });

  test('[S3] AFINN weights are a fifth, and entries that are not one token are named', () => {
    const [row] = run(['abandon ship'], { lexicon: 'afinn' });
    expect(row!['sentiment']).toBe(-2 / 5 / 2);
    expect(afinnWords().length + afinnDropped().length).toBe(3382);
    expect(afinnDropped()).toContain('not good');
  });

  test('[S4] counts and label', () => {
    const settings = { words_columns: true, label_column: true };
    const rows = run(['good luck', 'so bad and sad', 'good and bad', 'meh', null], settings);
    expect(rows.map(({ message: _, ...row }) => Object.values(row))).toEqual([
      [1 / 2, 1, 0, 'positive'],
      [-2 / 4, 0, 2, 'negative'],
      [0, 1, 1, 'neutral'],
      [0, 0, 0, 'neutral'],
      [null, null, null, null],
    ]);
  });

  test('[S4] matched: over the words that the lexicon has, not over all', () => {
    const scores = (normalise: string) =>
      run(['good day', 'a good, great but bad day', 'nothing at all'], { normalise }).map((row) => row['sentiment']);
    expect(scores('tokens')).toEqual([1 / 2, 1 / 6, 0]);
    expect(scores('matched')).toEqual([1, 1 / 3, 0]);
  });

  test('[S4] negation flips the next three tokens and no more', () => {
    const scores = (negation: boolean) =>
      run(['never a very good idea', 'never a very much good idea'], { negation }).map((row) => row['sentiment']);
    expect(scores(true)).toEqual([-1 / 5, 1 / 6]);
    expect(scores(false)).toEqual([1 / 5, 1 / 6]);
  });

  test('[S2] the same from bytes and from a dictionary, whatever the batches', () => {
    fc.assert(
      fc.property(fc.array(fc.option(message), { minLength: 1, maxLength: 12 }), (messages) => {
        const settings = { words_columns: true, label_column: true };
        const straight = run(messages, settings);
        expect(straight.map((row) => row['sentiment'])).toEqual(
          messages.map((text) => (text === null ? null : naive(text, telemetraWords(), { negation: false }).score)),
        );
        expect(run(messages, settings, { textAs: 'dictionary', batchSize: 3, rotateEvery: 2, spread: true })).toEqual(straight);
      }),
      { numRuns: 300 },
    );
  });
});

test('wrong settings are problems with a place', () => {
  const infer = (settings: Record<string, unknown>) =>
    definition
      .infer(definition.settings.parse({ field: 'message', ...settings }), [SCHEMA])
      .problems.map(({ code, field }) => [code, field]);
  expect(infer({ field: 'mesage' })).toEqual([['unknown_field', 'field']]);
  expect(infer({ column: 'message' })).toEqual([['duplicate_column', 'column']]);
  expect(infer({ lexicon: 'own' })).toEqual([['missing_setting', 'words']]);
  expect(infer({ lexicon: 'own', words: [{ word: 'two words', weight: 1 }] })).toEqual([['not_one_word', 'words.0.word']]);
  expect(definition.infer(definition.settings.parse({ field: 'mesage' }), [SCHEMA]).problems[0]!.mend).toBe('Take "message".');
});
