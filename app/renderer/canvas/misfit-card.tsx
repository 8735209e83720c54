import { useStore } from 'zustand';
import { documentStore } from '../document/document-store.ts';
import { connect } from '../document/edits.ts';
import { nodeOf } from '../document/pipeline-draft.ts';
import { Button } from '../ui/button.tsx';
import { HealthShape } from '../ui/health.tsx';
import { connectStore } from './connect-store.ts';

/** Why a wire may not end here, and the port that would do. */
export function MisfitCard() {
  const shown = useStore(connectStore, (state) => state.misfit);
  const from = useStore(connectStore, (state) => state.from);
  if (shown === undefined) return null;
  const { misfit, port, at } = shown;
  const close = () => connectStore.setState({ misfit: undefined });
  return (
    <div
      className="pop misfit"
      role="alert"
      style={{ left: Math.min(at.x, window.innerWidth - 330), top: Math.min(at.y + 22, window.innerHeight - 150) }}
    >
      <b className="bad hs">
        <HealthShape health="bad" />
        {misfit.title}
      </b>
      <p>{misfit.message}</p>
      <div className="row">
        {misfit.instead !== undefined && shown.stays && (
          <Button
            small
            look="primary"
            onClick={() => {
              documentStore.edit('Connect', connect(`${nodeOf(from ?? shown.port)}.${misfit.instead!}`, port));
              close();
            }}
          >
            Use port {misfit.instead}
          </Button>
        )}
        {misfit.mend !== undefined && <span className="cap grow">{misfit.mend}</span>}
        {shown.stays && <Button small look="quiet" icon="x" label="Close" onClick={close} />}
      </div>
    </div>
  );
}
