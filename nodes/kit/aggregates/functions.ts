import { isDecimal, isNumeric, scaleOf, type Type } from '../../../engine/model/type.ts';
import type { AggregateSignature } from '../../../engine/expression/typed.ts';
import type { AggregateState } from '../../../engine/stream/aggregate.ts';
import { ArrayState } from './array-state.ts';
import { CountState } from './count-state.ts';
import { DistinctState } from './distinct-state.ts';
import { EdgeState } from './edge-state.ts';
import { NumberExtremeState, TextExtremeState } from './extreme-state.ts';
import { StddevState } from './stddev-state.ts';
import { SumState } from './sum-state.ts';
import { TopState } from './top-state.ts';
import { TruthState } from './truth-state.ts';

/** [W2] array_agg keeps the first so many values of a row unless told otherwise */
export const ARRAY_LIMIT = 1000;

/** One aggregate of W2: what the analyser must know, and a factory for its states. */
export interface WindowAggregate extends AggregateSignature {
  /** true: text must come as ids, because values are compared or kept */
  readonly ids: boolean;
  state(call: {
    readonly argument: Type | undefined;
    readonly distinct: boolean;
    readonly options: readonly number[];
  }): () => AggregateState;
}

const NUMBER = { accepts: (type: Type | undefined) => (type !== undefined && isNumeric(type) ? undefined : 'a number') };
const ONE = { star: false, distinct: false, options: 0, nullable: true };
const TO_FLOAT = { result: (): Type => 'float' };

function unit(type: Type | undefined): number {
  return 10 ** (type === undefined ? 0 : scaleOf(type));
}

function acceptsText(type: Type | undefined): string | undefined {
  return type === 'text' || type === 'text[]' ? undefined : 'text or text[] (write x::text)';
}

function extreme(name: string, summary: string, greatest: boolean): WindowAggregate {
  return {
    ...ONE,
    name,
    summary,
    ids: true,
    accepts: (type) =>
      type !== undefined && (isNumeric(type) || type === 'timestamp' || type === 'text')
        ? undefined
        : 'a number, a timestamp or text',
    result: (type) => type!,
    state: ({ argument }) => (argument === 'text' ? () => new TextExtremeState(greatest) : () => new NumberExtremeState(greatest)),
  };
}

function edge(name: string, summary: string, last: boolean): WindowAggregate {
  return {
    ...ONE,
    name,
    summary,
    ids: true,
    accepts: (type) => (type === undefined ? 'a value' : undefined),
    result: (type) => type!,
    state:
      ({ argument }) =>
      () =>
        new EdgeState(last, argument!),
  };
}

/** The aggregates of W2, one entry each. */
export const aggregateFunctions: readonly WindowAggregate[] = [
  {
    name: 'count',
    summary: 'Rows; with an argument rows where it is not NULL; with DISTINCT its different values, exact.',
    star: true,
    distinct: true,
    options: 0,
    nullable: false,
    ids: false,
    accepts: () => undefined,
    result: () => 'integer',
    state: ({ distinct }) => (distinct ? () => new DistinctState() : () => new CountState()),
  },
  {
    ...ONE,
    ...NUMBER,
    name: 'sum',
    summary: 'Sum of the values that are not NULL; integer and decimal sums are exact.',
    ids: false,
    result: (type) => (type !== undefined && (type === 'integer' || isDecimal(type)) ? type : 'float'),
    state: () => () => new SumState(0),
  },
  {
    ...ONE,
    ...NUMBER,
    ...TO_FLOAT,
    name: 'avg',
    summary: 'Mean of the values that are not NULL.',
    ids: false,
    state:
      ({ argument }) =>
      () =>
        new SumState(unit(argument)),
  },
  extreme('min', 'Least value; text in the order of its bytes.', false),
  extreme('max', 'Greatest value; text in the order of its bytes.', true),
  {
    ...ONE,
    ...NUMBER,
    ...TO_FLOAT,
    name: 'stddev_pop',
    summary: 'Standard deviation of the values themselves.',
    ids: false,
    state:
      ({ argument }) =>
      () =>
        new StddevState(false, unit(argument)),
  },
  {
    ...ONE,
    ...NUMBER,
    ...TO_FLOAT,
    name: 'stddev_samp',
    summary: 'Standard deviation estimated from a sample; NULL below two values.',
    ids: false,
    state:
      ({ argument }) =>
      () =>
        new StddevState(true, unit(argument)),
  },
  {
    ...ONE,
    name: 'bool_and',
    summary: 'True when no value is false.',
    ids: false,
    accepts: (type) => (type === 'boolean' ? undefined : 'a boolean'),
    result: () => 'boolean',
    state: () => () => new TruthState(true),
  },
  {
    ...ONE,
    name: 'bool_or',
    summary: 'True when some value is true.',
    ids: false,
    accepts: (type) => (type === 'boolean' ? undefined : 'a boolean'),
    result: () => 'boolean',
    state: () => () => new TruthState(false),
  },
  {
    ...ONE,
    name: 'array_agg',
    summary: `The texts themselves, NULLs included; the first n remain, ${ARRAY_LIMIT} when n is not given.`,
    options: 1,
    optionsOptional: true,
    ids: true,
    accepts: (type) => (type === 'text' ? undefined : 'text (write x::text)'),
    result: () => 'text[]',
    state:
      ({ options }) =>
      () =>
        new ArrayState(options[0] ?? ARRAY_LIMIT),
  },
  edge('first', 'Value of the earliest row that has one, by event time.', false),
  edge('last', 'Value of the newest row that has one, by event time.', true),
  {
    ...ONE,
    name: 'top',
    summary: 'The n most frequent texts, arrays flattened; ties in the order of bytes.',
    options: 1,
    ids: true,
    accepts: acceptsText,
    result: () => 'text[]',
    state:
      ({ options }) =>
      () =>
        new TopState(options[0]!, false),
  },
  {
    ...ONE,
    name: 'top_counts',
    summary: 'The n most frequent texts with their counts: [{"name", "count"}].',
    options: 1,
    ids: true,
    accepts: acceptsText,
    result: () => 'json',
    state:
      ({ options }) =>
      () =>
        new TopState(options[0]!, true),
  },
];
