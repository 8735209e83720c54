import { z } from 'zod';
import { defineNode, type LocalProblem } from '../../engine/model/definition.ts';
import { APPEND, fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import { duplicateColumn, unknownField, wrongType } from '../kit/field-problems.ts';
import { columnName, field } from '../kit/settings.ts';
import { asToken } from './core/lexicon.ts';

export interface SentimentSettings {
  field: string;
  lexicon: 'telemetra' | 'afinn' | 'own';
  words: { word: string; weight: number }[];
  column: string;
  normalise: 'tokens' | 'matched';
  negation: boolean;
  words_columns: boolean;
  label_column: boolean;
}

const settingsSchema: z.ZodType<SentimentSettings> = z.strictObject({
  field: z.string().meta(field({ title: 'Text', help: 'The column whose text is scored.', widget: 'field' })),
  lexicon: z
    .enum(['telemetra', 'afinn', 'own'])
    .default('telemetra')
    .meta(
      field({
        title: 'Lexicon',
        help: 'Telemetra: 41 words of live chat, ±1. AFINN: 3,326 English words, weight ÷ 5. Own: the list below.',
        widget: 'choice',
      }),
    ),
  words: z
    .array(z.strictObject({ word: z.string().max(200), weight: z.number().min(-10).max(10) }))
    .max(20_000)
    .default([])
    .meta(
      field({ title: 'Own words', help: 'Used when the lexicon is "own": one word each, with its weight.', widget: 'lexicon' }),
    ),
  column: columnName()
    .default('sentiment')
    .meta(field({ title: 'Score column', help: 'Gets the score, −1 to 1.', widget: 'text' })),
  normalise: z
    .enum(['tokens', 'matched'])
    .default('tokens')
    .meta(
      field({
        title: 'Divide by',
        help: 'tokens: sum of weights ÷ all words. matched: (positive − negative) ÷ (positive + negative).',
        widget: 'choice',
      }),
    ),
  negation: z
    .boolean()
    .default(false)
    .meta(field({ title: 'Negation', help: 'not, never, don’t … turn round the next three words.', widget: 'switch' })),
  words_columns: z
    .boolean()
    .default(false)
    .meta(field({ title: 'Word counts', help: 'Adds positive_words and negative_words.', widget: 'switch', advanced: true })),
  label_column: z
    .boolean()
    .default(false)
    .meta(
      field({ title: 'Label', help: 'Adds sentiment_label: positive, negative or neutral.', widget: 'switch', advanced: true }),
    ),
});

export const definition = defineNode<SentimentSettings>({
  kind: 'sentiment',
  version: 1,
  family: 'transform',
  role: 'operator',
  title: 'Sentiment',
  summary: 'score by lexicon',
  help: [
    'Scores a text column by a list of weighted words. A word is a run of letters, marks and digits with single apostrophes inside, lower-cased.',
    'The score is the sum of the weights of the known words divided by the number of words, between −1 and 1; a text without words scores 0, NULL stays NULL.',
    'Repeated words count each time; an emote counts where its name stands in the text.',
    'Entries of AFINN that are not one word ("not good", "well-being") never match and are left out.',
    'With negation on, not, no, never, nor, cannot, without, and words in n’t (dont, cant … too) turn round the weights of the next three words.',
  ].join('\n'),
  icon: 'smile',
  settings: settingsSchema,
  ports: () => ({
    inputs: [{ name: 'in', title: 'in', role: 'main' }],
    outputs: [{ name: 'out', title: 'out', role: 'main' }],
  }),
  infer(settings, [input]) {
    if (input === undefined) return { outputs: undefined, problems: lexiconProblems(settings) };
    const problems = [...lexiconProblems(settings)];
    const text = fieldOf(input, settings.field);
    if (text === undefined) problems.push(unknownField(settings.field, input, 'field'));
    else if (text.type !== 'text') problems.push(wrongType(text, 'text', 'field', 'Take a text column.'));
    const added = addedFields(settings, text?.nullable ?? true);
    added.forEach((column, i) => {
      const path = ['column', ...(settings.words_columns ? ['words_columns', 'words_columns'] : []), 'label_column'][i]!;
      if (fieldOf(input, column.name) !== undefined || added.findIndex((other) => other.name === column.name) < i) {
        if (!problems.some((problem) => problem.field === path)) problems.push(duplicateColumn(column.name, path));
      }
    });
    if (problems.length > 0) return { outputs: undefined, problems };
    return { outputs: [{ ...input, fields: [...input.fields, ...added] }], problems };
  },
  reads: (settings) => [{ [settings.field]: 'any' }],
  passes: true,
  stateKeys: [],
  guarantee: 'Keeps nothing: the same row always gets the same score.',
  view: (settings) => ({ as: 'line', y: [settings.column] }),
  migrations: [],
  caption: (settings) => `${settings.field} · ${settings.lexicon}`,
  examples: [
    {
      title: 'Two of four words are known and both are good',
      settings: defaults({ field: 'message' }),
      inputs: [
        {
          schema: textSchema(),
          rows: [{ message: 'LOVE this great stream' }, { message: 'boring boring game' }, { message: '🎉🎉' }, { message: null }],
        },
      ],
      outputs: {
        out: [
          { message: 'LOVE this great stream', sentiment: 0.5 },
          { message: 'boring boring game', sentiment: -2 / 3 },
          { message: '🎉🎉', sentiment: 0 },
          { message: null, sentiment: null },
        ],
      },
    },
    {
      title: 'Negation, counts and a label',
      settings: defaults({ field: 'message', negation: true, words_columns: true, label_column: true, normalise: 'matched' }),
      inputs: [{ schema: textSchema(), rows: [{ message: "it isn't bad at all" }, { message: 'good and bad' }] }],
      outputs: {
        out: [
          { message: "it isn't bad at all", sentiment: 1, positive_words: 1, negative_words: 0, sentiment_label: 'positive' },
          { message: 'good and bad', sentiment: 0, positive_words: 1, negative_words: 1, sentiment_label: 'neutral' },
        ],
      },
    },
  ],
});

/** The columns made here, in order. */
export function addedFields(settings: SentimentSettings, nullable: boolean): readonly Field[] {
  const fields: Field[] = [{ name: settings.column, type: 'float', nullable }];
  if (settings.words_columns) {
    fields.push({ name: 'positive_words', type: 'integer', nullable }, { name: 'negative_words', type: 'integer', nullable });
  }
  if (settings.label_column) fields.push({ name: 'sentiment_label', type: 'text', nullable });
  return fields;
}

function lexiconProblems(settings: SentimentSettings): LocalProblem[] {
  if (settings.lexicon !== 'own') return [];
  if (settings.words.length === 0) {
    return [
      {
        code: 'missing_setting',
        severity: 'error',
        message: 'The lexicon is "own", but its list of words is empty.',
        field: 'words',
        mend: 'Add words, or take the lexicon telemetra or afinn.',
      },
    ];
  }
  const problems: LocalProblem[] = [];
  const seen = new Set<string>();
  settings.words.forEach(({ word }, i) => {
    const token = asToken(word);
    if (token === undefined) {
      problems.push({
        code: 'not_one_word',
        severity: 'error',
        message: `"${word}" is not one word, so it could never match.`,
        field: `words.${i}.word`,
        mend: 'Write letters, digits and single apostrophes only.',
      });
    } else if (seen.has(token)) {
      problems.push({
        code: 'duplicate_word',
        severity: 'error',
        message: `"${word}" stands in the list twice (upper and lower case are the same).`,
        field: `words.${i}.word`,
        mend: 'Take one of the two out.',
      });
    }
    if (token !== undefined) seen.add(token);
  });
  return problems;
}

function defaults(some: Partial<SentimentSettings> & { field: string }): SentimentSettings {
  return settingsSchema.parse(some);
}

function textSchema(): Schema {
  return { fields: [{ name: 'message', type: 'text', nullable: true }], mode: APPEND, keys: [], window: undefined, timed: false };
}
