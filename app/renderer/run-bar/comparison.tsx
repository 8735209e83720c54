import { differenceOf } from '../document/difference.ts';
import { inFileOrder, type PipelineDocument } from '../document/pipeline-draft.ts';

/** Two versions of one pipeline, node by node, in words. */
export function Comparison({ mine, theirs }: { mine: PipelineDocument; theirs: unknown }) {
  const difference = differenceOf(inFileOrder(theirs as PipelineDocument), mine);
  const lines: { what: string; file: string; yours: string }[] = [];
  for (const [id, [file, yours]] of difference.nodes) {
    if (file === undefined) lines.push({ what: id, file: 'not there', yours: `new ${yours!.kind}` });
    else if (yours === undefined) lines.push({ what: id, file: file.kind, yours: 'deleted' });
    else {
      if (file.name !== yours.name) lines.push({ what: `${id} name`, file: file.name, yours: yours.name });
      for (const key of new Set([...Object.keys(file.settings), ...Object.keys(yours.settings)])) {
        const [one, other] = [JSON.stringify(file.settings[key]), JSON.stringify(yours.settings[key])];
        if (one !== other) lines.push({ what: `${id} ${key}`, file: one ?? 'default', yours: other ?? 'default' });
      }
    }
  }
  for (const [key, [file]] of difference.edges)
    lines.push({ what: key, file: file === undefined ? 'not there' : 'wired', yours: file === undefined ? 'wired' : 'not there' });
  const moved = difference.places.size + difference.groups.size + difference.comments.size;
  if (moved > 0) lines.push({ what: 'Layout', file: '', yours: `${moved} places differ` });
  return (
    <table className="comparison">
      <thead>
        <tr>
          <th>Where</th>
          <th>In the file</th>
          <th>Yours</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.what}>
            <td className="mono">{line.what}</td>
            <td className="mono" title={line.file}>
              {line.file}
            </td>
            <td className="mono" title={line.yours}>
              {line.yours}
            </td>
          </tr>
        ))}
        {lines.length === 0 && (
          <tr>
            <td colSpan={3}>Both say the same.</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
