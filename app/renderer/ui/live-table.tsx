import { useEffect, useRef } from 'react';
import { cellText, floatText, timeText } from './figures.ts';
import type { Subscribe } from './live.tsx';

export interface TableColumn {
  readonly name: string;
  /** second line of the head: type and share of NULL */
  readonly type?: string;
  readonly width?: number;
  readonly right?: boolean;
  readonly mono?: boolean;
  readonly dim?: boolean;
  /** the same number of digits in every row, so that the points stand below each other */
  readonly float?: boolean;
  /** timestamps: a clock, the whole of it on hover */
  readonly time?: boolean;
}

export type TableRow =
  { readonly cells: readonly unknown[]; readonly key: string } | { readonly gap: string; readonly key: string };

function cellIn(column: TableColumn, value: unknown): string {
  if (column.float === true && typeof value === 'number') return floatText(value);
  if (column.time === true && typeof value === 'string') return timeText(value, new Date());
  return cellText(value);
}

/**
 * Rows that come and go: the body is written by hand (a pool of `tr`), so that 20 new rows a second never pass through React.
 * The caller keeps at most a few hundred rows.
 */
export function LiveTable({
  columns,
  subscribe,
  read,
  selected,
  onPick,
  tall,
  label,
}: {
  columns: readonly TableColumn[];
  subscribe: Subscribe;
  read: () => readonly TableRow[];
  selected?: string | undefined;
  onPick?: ((row: TableRow, index: number) => void) | undefined;
  tall?: boolean;
  label: string;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const shown = useRef<readonly TableRow[]>([]);
  const latest = useRef({ read, columns, selected });
  latest.current = { read, columns, selected };

  const write = useRef(() => {
    const section = body.current;
    if (section === null) return;
    const rows = latest.current.read();
    shown.current = rows;
    while (section.rows.length > rows.length) section.deleteRow(-1);
    rows.forEach((row, at) => {
      const line = section.rows[at] ?? section.insertRow(-1);
      const picked = row.key === latest.current.selected;
      if (line.dataset['key'] === row.key && line.dataset['width'] === String(latest.current.columns.length)) {
        line.className = 'gap' in row ? 'gap' : picked ? 'sel' : '';
        return;
      }
      line.dataset['key'] = row.key;
      line.dataset['width'] = String(latest.current.columns.length);
      if ('gap' in row) {
        line.className = 'gap';
        const cell = document.createElement('td');
        cell.colSpan = latest.current.columns.length;
        const text = document.createElement('span');
        text.textContent = row.gap;
        cell.append(text);
        line.replaceChildren(cell);
        return;
      }
      line.className = picked ? 'sel' : '';
      line.replaceChildren(
        ...latest.current.columns.map((column, index) => {
          const cell = document.createElement('td');
          const value = row.cells[index];
          cell.className = `${column.right ? 'num ' : ''}${column.mono ? 'mono ' : ''}${column.dim ? 't3' : ''}`;
          if (value === null || value === undefined) {
            const none = document.createElement('span');
            none.className = 'null';
            none.textContent = 'null';
            cell.append(none);
          } else {
            const text = cellIn(column, value);
            cell.textContent = text;
            const whole = cellText(value);
            if (whole !== text || text.length > 24) cell.title = whole;
          }
          return cell;
        }),
      );
    });
  });

  useEffect(() => {
    write.current();
    return subscribe(write.current);
  }, [subscribe]);
  useEffect(() => write.current());

  return (
    <table className={`live${tall ? ' roomy' : ''}`} aria-label={label}>
      <colgroup>
        {columns.map((column) => (
          <col key={column.name} style={column.width === undefined ? {} : { width: column.width }} />
        ))}
      </colgroup>
      <thead className={columns.some((column) => column.type !== undefined) ? 'two-line' : ''}>
        <tr>
          {columns.map((column) => (
            <th key={column.name} className={column.right ? 'num' : ''} scope="col">
              {column.type === undefined ? (
                column.name
              ) : (
                <>
                  <b>{column.name}</b>
                  <span>{column.type}</span>
                </>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody
        ref={body}
        tabIndex={onPick === undefined ? undefined : 0}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
          if (step === 0 || onPick === undefined) return;
          event.preventDefault();
          const at = shown.current.findIndex((row) => row.key === selected) + step;
          const row = shown.current[Math.max(0, Math.min(shown.current.length - 1, at))];
          if (row !== undefined && row.key !== selected) onPick(row, at);
        }}
        onClick={(event) => {
          const line = (event.target as HTMLElement).closest('tr');
          if (line === null || onPick === undefined) return;
          const row = shown.current[line.rowIndex - 1];
          if (row !== undefined) onPick(row, line.rowIndex - 1);
        }}
      />
    </table>
  );
}
