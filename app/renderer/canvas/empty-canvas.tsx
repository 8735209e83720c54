import { openDialog } from '../ui/layout-store.ts';
import { Icon } from '../ui/icon.tsx';

/** What to do when nothing is drawn. */
export function EmptyCanvas({ onDemo, demo }: { onDemo: (() => void) | undefined; demo: string }) {
  return (
    <div className="empty">
      <h3>Draw your first pipeline</h3>
      <p>Rows come in on the left, answers leave on the right.</p>
      <div className="choices">
        {onDemo !== undefined && (
          <button type="button" className="big-choice" onClick={onDemo}>
            <Icon name="play" size="l" />
            <span>
              <b>Open the demo</b>
              <span className="cap">{demo}</span>
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
