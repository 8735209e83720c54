import type { PipelineSummary } from '../../protocol/library.ts';
import { plural } from '../ui/figures.ts';
import { openDialog } from '../ui/layout-store.ts';
import { Icon } from '../ui/icon.tsx';

/** What to do when nothing is drawn. */
export function EmptyCanvas({ other, onOpen }: { other: PipelineSummary | undefined; onOpen: (id: string) => void }) {
  return (
    <div className="empty">
      <h3>Draw your first pipeline</h3>
      <p>Rows come in on the left, answers leave on the right.</p>
      <div className="choices">
        {other !== undefined && (
          <button type="button" className="big-choice" onClick={() => onOpen(other.id)}>
            <Icon name="play" size="l" />
            <span>
              <b>Open {other.name}</b>
              <span className="cap">
                {plural(other.nodes, 'node')}
                {other.run?.state === 'running' ? ', running' : ''}, nothing to install
              </span>
            </span>
          </button>
        )}
        <button type="button" className="big-choice" onClick={() => openDialog('templates')}>
          <Icon name="layout-grid" size="l" />
          <span>
            <b>Start from a template</b>
            <span className="cap">small pipelines, each with data and a test</span>
          </span>
        </button>
        <button type="button" className="big-choice" onClick={() => openDialog('import')}>
          <Icon name="clipboard-paste" size="l" />
          <span>
            <b>Import a pipeline</b>
            <span className="cap">drop a file anywhere, or paste its JSON</span>
          </span>
        </button>
      </div>
      <p className="cap">
        Or press <span className="kbd">Tab</span> anywhere on the canvas to add a node
      </p>
    </div>
  );
}
