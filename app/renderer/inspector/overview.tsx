import { useStore } from 'zustand';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, nodeOf, portOf } from '../document/pipeline-draft.ts';
import { selectionStore } from '../document/selection-store.ts';
import { runAction } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { plural } from '../ui/figures.ts';
import { openDialog, showDock } from '../ui/layout-store.ts';

/** What the inspector says when no single node is selected: the edge, the selection, or the pipeline. */
export function Overview() {
  const document = useStore(documentStore, (state) => state.document);
  const { parts, edges } = useStore(selectionStore, (state) => state);
  const checked = useStore(checkStore, (state) => state.checked);
  const edge = edges.length === 1 ? document.edges.find((entry) => edgeKey(entry) === edges[0]) : undefined;
  if (edge !== undefined) {
    const title = (id: string) => document.nodes.find((node) => node.id === id)?.name || id;
    const schema = checked?.nodes[nodeOf(edge.from)]?.outputs.find((port) => port.name === portOf(edge.from))?.schema;
    return (
      <>
        <div className="ihead">
          <div className="grow">
            <h2 className="clip">
              {title(nodeOf(edge.from))} <span className="t3">to</span> {title(nodeOf(edge.to))}
            </h2>
            <span className="cap">
              <span className="mono">{edge.from}</span> into <span className="mono">{edge.to}</span>
            </span>
          </div>
        </div>
        <div className="form">
          <div className="row wrap">
            <span className="chip">{schema?.mode.kind === 'updates' ? 'updates by key' : 'append'}</span>
            {schema?.mode.kind === 'updates' &&
              schema.mode.key.map((key) => (
                <span key={key} className="chip mono">
                  {key}
                </span>
              ))}
            {schema?.window !== undefined && <span className="chip">windows</span>}
            {schema?.timed === false && <span className="chip warn">no event time</span>}
          </div>
          <SchemaTable fields={schema?.fields} />
          <div className="row wrap">
            <Button small icon="eye" onClick={() => showDock('data')}>
              Rows in dock
            </Button>
            <Button small icon="bookmark" onClick={() => openDialog('record')}>
              Record test
            </Button>
            <Button small icon="trash-2" onClick={() => runAction('canvas.delete')}>
              Delete wire
            </Button>
          </div>
        </div>
      </>
    );
  }
  if (parts.length > 1) {
    return (
      <>
        <div className="ihead">
          <h2 className="grow">{plural(parts.length, 'part')} selected</h2>
        </div>
        <div className="form">
          <div className="row wrap">
            <Button small icon="copy" onClick={() => runAction('canvas.duplicate')}>
              Duplicate
            </Button>
            <Button small icon="group" onClick={() => runAction('canvas.group')}>
              Group
            </Button>
            <Button small icon="layout-grid" onClick={() => runAction('canvas.layout')}>
              Tidy
            </Button>
            <Button small icon="trash-2" onClick={() => runAction('canvas.delete')}>
              Delete
            </Button>
          </div>
          <ul className="plain-list">
            {parts.map((id) => (
              <li key={id} className="mono">
                {id}
              </li>
            ))}
          </ul>
        </div>
      </>
    );
  }
  return (
    <>
      <div className="ihead">
        <div className="grow">
          <h2 className="clip">{document.name}</h2>
          <span className="cap">
            {plural(document.nodes.length, 'node')}, {plural(document.edges.length, 'edge')}
          </span>
        </div>
        <Button small look="quiet" icon="pencil" label="Rename" onClick={() => openDialog('rename')} />
      </div>
      <div className="form">
        {document.description !== '' && <p className="t2 text">{document.description}</p>}
        <p className="cap">Select a node to see its settings, data and state. Select an edge to see its rows.</p>
        <div className="row wrap">
          <Button small icon="file-down" onClick={() => openDialog('export')}>
            Export
          </Button>
          <Button small icon="history" onClick={() => openDialog('history')}>
            Revisions
          </Button>
          <Button small icon="keyboard" onClick={() => openDialog('keys')}>
            Keys
          </Button>
        </div>
      </div>
    </>
  );
}

export function SchemaTable({
  fields,
}: {
  fields: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[] | undefined;
}) {
  if (fields === undefined) return <p className="cap">No schema yet: something upstream is not wired or not set.</p>;
  return (
    <table className="schema" aria-label="Columns">
      <tbody>
        {fields.map((field) => (
          <tr key={field.name}>
            <td className="mono">{field.name}</td>
            <td className="t3">
              {field.type}
              {field.nullable ? ', may be null' : ''}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
