import { useEffect, useState } from 'react';
import { feed } from './live-feed.ts';

export type RowValues = Readonly<Record<string, unknown>>;

/** The rows that an open tap brought first: they decide once what a table shows and how wide, so that nothing moves with later rows. */
export function useFirstRows(node: string, port: string): readonly RowValues[] | undefined {
  const [rows, setRows] = useState<readonly RowValues[]>();
  useEffect(() => {
    if (rows !== undefined || node === '') return;
    const topic = `${node}.${port}`;
    return feed.on(`tap:${topic}`)(() => {
      const found = (feed.taps.get(topic)?.lines ?? []).flatMap((line) => ('row' in line ? [line.row.values] : []));
      if (found.length > 0) setRows(found);
    });
  }, [rows, node, port]);
  return rows;
}
