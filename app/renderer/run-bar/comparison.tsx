import { differenceOf } from '../document/difference.ts';
import { inFileOrder, type PipelineDocument } from '../document/pipeline-draft.ts';

/** Every setting by its dotted path, lists as a whole: what differs is then short enough to be read. */
function flat(settings: Readonly<Record<string, unknown>>, path = ''): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, text] of flat(value as Readonly<Record<string, unknown>>, `${path}${name}.`)) found.set(inner, text);
    else found.set(path + name, JSON.stringify(value));
  }
  return found;
}

/** Two versions of one pipeline, node by node, in words. */
export function Comparison({ mine, theirs }: { mine: PipelineDocument; theirs: unknown }) {
  const difference = differenceOf(inFileOrder(theirs as PipelineDocument), mine);
  const lines: { what: string; file: string; yours: string }[] = [];
  for (const [id, [file, yours]] of difference.nodes) {
    if (file === undefined) lines.push({ what: id, file: 'not there', yours: `new ${yours!.kind}` });
    else if (yours === undefined) lines.push({ what: id, file: file.kind, yours: 'deleted' });
    else {
      if (file.name !== yours.name) lines.push({ what: `${id} name`, file: file.name, yours: yours.name });
      const [before, after] = [flat(file.settings), flat(yours.settings)];
      for (const key of new Set([...before.keys(), ...after.keys()])) {
        const [one, other] = [before.get(key), after.get(key)];
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
