import { aggregateFunctions } from '../../nodes/kit/aggregates/functions.ts';

/** The aggregates of a window, for completion. */
export function aggregateNames(): readonly {
  readonly name: string;
  readonly signature: string;
  readonly help: string;
  readonly aggregate: boolean;
}[] {
  return aggregateFunctions.map(({ name, summary, star, options }) => ({
    name,
    signature: `${name}(${star ? '* or expression' : 'expression'}${options > 0 ? ', n' : ''})`,
    help: summary,
    aggregate: true,
  }));
}
