import { useState } from 'react';
import { useStore } from 'zustand';
import { checkStore, NO_PROBLEMS } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { Button } from '../ui/button.tsx';
import { plural } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';
import { layoutStore, openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { apply, changesOf } from './run-control.ts';

type Choice = 'fresh' | 'reprocess' | 'back';

/** What Apply would do, node by node, before anything stops. */
export function ApplyDialog() {
  const open = useStore(layoutStore, (state) => state.dialog === 'apply');
  const difference = useStore(checkStore, (state) => state.checked?.difference);
  const problems = useStore(checkStore, (state) => state.checked?.problems ?? NO_PROBLEMS);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const [busy, setBusy] = useState(false);
  if (!open || difference === undefined) return null;
  const close = () => openDialog(undefined);
  const errors = problems.filter((problem) => problem.severity === 'error');
  const undecided = difference.nodes.filter((node) => node.state === 'refused' && choices[node.node] === undefined);
  const refused =
    errors.length > 0
      ? `${plural(errors.length, 'problem')} to mend first`
      : undecided.length > 0
        ? `Choose for ${undecided[0]!.node} first`
        : undefined;
  return (
    <Modal
      open
      onClose={close}
      title={`Apply ${plural(changesOf(difference), 'change')} to the running pipeline`}
      note={`${plural(difference.untouched, 'node')} untouched. The runner stops at an epoch and goes on from it; no row is lost or sent twice.`}
      footer={
        <>
          <span className="cap grow">{refused ?? 'Undo brings the old drawing back'}</span>
          <Button onClick={close}>Cancel</Button>
          <Button
            look="primary"
            keys="Ctrl Enter"
            disabled={refused !== undefined || busy}
            onClick={() => {
              setBusy(true);
              void apply(choices).then((done) => {
                setBusy(false);
                if (done) close();
              });
            }}
          >
            {busy ? 'Applying' : 'Apply'}
          </Button>
        </>
      }
    >
      <ul className="plan">
        {difference.nodes.map((change) => {
          const node = nodes.find((entry) => entry.id === change.node);
          const lost = change.state === 'refused' || (change.state === 'fresh' && change.change === 'removed');
          return (
            <li key={change.node}>
              <div className="row">
                <HealthMark health={lost ? 'warn' : 'you'} />
                <b className="med">{node?.name || change.node}</b>
                <span className="t2 clip grow">{change.words}</span>
              </div>
              <div className="row effect">
                <span className="cap grow">{change.change === 'settings' ? 'from the next epoch' : change.change}</span>
                <span className={`cap ${lost ? 'warn' : ''}`}>{change.stateWords}</span>
              </div>
              {change.choices.length > 0 && (
                <div className="opts" role="radiogroup" aria-label={`State of ${change.node}`}>
                  {change.choices.map((choice) => (
                    <button
                      key={choice.choice}
                      type="button"
                      role="radio"
                      aria-checked={choices[change.node] === choice.choice}
                      className={`opt${choices[change.node] === choice.choice ? ' on' : ''}`}
                      onClick={() => setChoices({ ...choices, [change.node]: choice.choice })}
                    >
                      <i />
                      <span>
                        {choice.title}
                        <span className="cap">{choice.consequence}</span>
                      </span>
                    </button>
                  ))}
                </div>
              )}
            </li>
          );
        })}
        {difference.nodes.length === 0 && (
          <li>
            <div className="row">
              <HealthMark health="you" />
              <span>Wires changed between nodes; every node keeps its state.</span>
            </div>
          </li>
        )}
      </ul>
    </Modal>
  );
}
