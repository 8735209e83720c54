import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { checkStore, portsOf } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { nodeOf, portOf, type PipelineNode } from '../document/pipeline-draft.ts';
import { feed } from '../run/live-feed.ts';
import { Segments } from '../ui/choice.tsx';
import { cellText, timeText } from '../ui/figures.ts';
import { useLive } from '../ui/live.tsx';
import { sentenceOf } from './schema-reading.ts';
import { SchemaTable } from './overview.tsx';

/** The newest row into or out of the node, column by column, with types. */
export function DataTab({ node }: { node: PipelineNode }) {
  const checked = useStore(checkStore, (state) => state.checked);
  const edges = useStore(documentStore, (state) => state.document.edges);
  const ports = portsOf(checked, node);
  const options = [
    ...ports.inputs.map((port) => ({ value: `in.${port.name}`, title: sentenceOf(port.name) })),
    ...ports.outputs.map((port) => ({ value: `out.${port.name}`, title: sentenceOf(port.name) })),
  ];
  const [chosen, setChosen] = useState(options.find((option) => option.value.startsWith('out.'))?.value ?? options[0]?.value ?? '');
  const [side, name] = [chosen.slice(0, chosen.indexOf('.')), chosen.slice(chosen.indexOf('.') + 1)];
  const port = (side === 'in' ? ports.inputs : ports.outputs).find((entry) => entry.name === name);
  const source = side === 'out' ? `${node.id}.${name}` : edges.find((edge) => edge.to === `${node.id}.${name}`)?.from;
  return (
    <>
      {options.length > 1 && options.length <= 5 && <Segments value={chosen} options={options} onChange={setChosen} label="Port" />}
      {source === undefined ? (
        <p className="cap">Nothing is wired to this input.</p>
      ) : (
        <NewestRow key={source} from={source} fields={port?.schema?.fields} />
      )}
    </>
  );
}

function NewestRow({
  from,
  fields,
}: {
  from: string;
  fields: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[] | undefined;
}) {
  const node = nodeOf(from);
  const port = portOf(from);
  const body = useRef<HTMLTableSectionElement>(null);
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    feed.openTap(node, port);
    return () => feed.closeTap(node, port);
  }, [node, port]);
  useLive(feed.on(`tap:${node}.${port}`), () => {
    const tap = feed.taps.get(`${node}.${port}`);
    const line = tap?.lines.find((entry) => 'row' in entry);
    const row = line !== undefined && 'row' in line ? line.row : undefined;
    if (note.current !== null)
      note.current.textContent =
        row === undefined
          ? 'No row since this tab was opened.'
          : `Newest row, ${row.source}/${row.partition} @${row.offset.toLocaleString('en-US')}`;
    body.current?.querySelectorAll<HTMLElement>('[data-column]').forEach((cell) => {
      const value = row?.values[cell.dataset['column']!];
      const whole = row === undefined ? '' : value === null || value === undefined ? 'null' : cellText(value);
      const text = cell.dataset['type'] === 'timestamp' ? timeText(whole, new Date()) : whole;
      if (cell.textContent !== text) cell.textContent = text;
      cell.classList.toggle('none', whole === 'null');
      cell.title = whole;
    });
  });
  if (fields === undefined) return <SchemaTable fields={fields} />;
  return (
    <>
      <p ref={note} className="cap" />
      <table className="schema newest" aria-label="Newest row">
        <tbody ref={body}>
          {fields.map((field) => (
            <tr key={field.name}>
              <td>
                <span className="mono">{field.name}</span>
                <span className="cap">{field.type}</span>
              </td>
              <td className="mono num" data-column={field.name} data-type={field.type} />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
