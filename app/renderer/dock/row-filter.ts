import { cellText } from '../ui/figures.ts';

export interface RowFilter {
  readonly test: (values: Readonly<Record<string, unknown>>) => boolean;
  /** what is wrong with the text; the filter then lets everything pass */
  readonly wrong: string | undefined;
}

const COMPARISON = /^\s*([A-Za-z_]\w*)\s*(<=|>=|<>|!=|=|<|>|~)\s*(.+?)\s*$/;

/** `sentiment < 0 and stream_id = night_radio`, or words that stand in any column. Looks at rows that are here already; nothing is asked. */
export function rowFilter(text: string, columns: readonly string[]): RowFilter {
  if (text.trim() === '') return { test: () => true, wrong: undefined };
  const parts = text.split(/\s+and\s+/i).map((part) => COMPARISON.exec(part));
  if (parts.some((part) => part === null)) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return {
      test: (values) =>
        words.every((word) =>
          Object.values(values).some((value) => value !== null && cellText(value).toLowerCase().includes(word)),
        ),
      wrong: undefined,
    };
  }
  const unknown = parts.find((part) => !columns.includes(part![1]!));
  if (unknown !== undefined) return { test: () => true, wrong: `There is no column ${unknown![1]!}.` };
  return {
    test: (values) => parts.every((part) => compare(values[part![1]!], part![2]!, part![3]!.replace(/^'(.*)'$/, '$1'))),
    wrong: undefined,
  };
}

function compare(value: unknown, operator: string, wanted: string): boolean {
  if (wanted.toLowerCase() === 'null') return operator === '=' ? value === null : value !== null;
  if (value === null || value === undefined) return false;
  if (operator === '~') return cellText(value).toLowerCase().includes(wanted.toLowerCase());
  const [one, other] = typeof value === 'number' ? [value, Number(wanted)] : [cellText(value), wanted];
  switch (operator) {
    case '=':
      return one === other;
    case '<>':
    case '!=':
      return one !== other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    default:
      return one >= other;
  }
}
