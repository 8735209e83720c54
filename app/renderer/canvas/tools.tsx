import { useStore as useFlowStore } from '@xyflow/react';
import { useStore } from 'zustand';
import { documentStore } from '../document/document-store.ts';
import { runAction } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';

export function Tools() {
  const zoom = useFlowStore((state) => Math.round(state.transform[2] * 100));
  const undo = useStore(documentStore, (state) => state.done.at(-1)?.title);
  const redo = useStore(documentStore, (state) => state.undone.at(-1)?.title);
  const blank = useStore(documentStore, (state) => state.document.nodes.length === 0);
  // an emptied canvas still offers the way back
  if (blank && undo === undefined && redo === undefined) return null;
  return (
    <div className="tools" role="toolbar" aria-label="Canvas">
      <Button
        small
        icon="undo-2"
        label={undo === undefined ? 'Nothing to undo' : `Undo: ${undo}`}
        disabled={undo === undefined}
        onClick={() => runAction('edit.undo')}
      />
      <Button
        small
        icon="redo-2"
        label={redo === undefined ? 'Nothing to redo' : `Redo: ${redo}`}
        disabled={redo === undefined}
        onClick={() => runAction('edit.redo')}
      />
      <hr />
      <Button small icon="layout-grid" label="Tidy layout" onClick={() => runAction('canvas.layout')} />
      <Button small icon="search" label="Find on canvas" onClick={() => runAction('commands.find')} />
      <hr />
      <button type="button" className="btn small quiet zoom" onClick={() => runAction('canvas.zoom-100')} title="Zoom to 100 %">
        {zoom} %
      </button>
      <Button small icon="maximize" label="Fit the pipeline" onClick={() => runAction('canvas.fit')} />
    </div>
  );
}
