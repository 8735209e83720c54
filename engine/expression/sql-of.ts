import { nodeSql } from './sql-text.ts';
import type { Typed } from './typed.ts';

/** [X4] PostgreSQL text with every cast explicit: what `explain --sql` prints and what gives the same values in psql. */
export function sqlOf(typed: Typed): string {
  return nodeSql(typed.root);
}
