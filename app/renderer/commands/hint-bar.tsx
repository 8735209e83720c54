import { useStore } from 'zustand';
import { runAction } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { layoutStore, showDock } from '../ui/layout-store.ts';
import { isLive, runStore } from '../run/run-store.ts';

const STEPS: readonly {
  readonly id: string;
  readonly title: string;
  readonly show?: { readonly title: string; readonly run: () => void };
}[] = [
  { id: 'edge', title: 'Click an edge, see its rows' },
  { id: 'edit', title: 'Change a setting of a node', show: { title: 'Find', run: () => runAction('commands.find') } },
  { id: 'apply', title: 'Apply it without stopping' },
  { id: 'dead', title: 'Look at the rows that broke', show: { title: 'Show', run: () => showDock('dead') } },
];

/** The first steps: never modal, gone for good with Skip. */
export function HintBar() {
  const hints = useStore(layoutStore, (state) => state.hints);
  const live = useStore(runStore, (state) => isLive(state.status?.state));
  if (hints.hidden || !live || STEPS.every((step) => hints.done.includes(step.id))) return null;
  const current = STEPS.find((step) => !hints.done.includes(step.id));
  return (
    <section className="hint" aria-label="First steps">
      <div className="row">
        <b className="strong grow">Four things to try</b>
        <Button small look="quiet" onClick={() => layoutStore.setState((old) => ({ hints: { ...old.hints, hidden: true } }))}>
          Skip
        </Button>
      </div>
      <ol>
        {STEPS.map((step, index) => {
          const done = hints.done.includes(step.id);
          return (
            <li key={step.id} className={done ? 'done' : step === current ? 'cur' : ''}>
              {done ? <Icon name="circle-check" /> : <i>{index + 1}</i>}
              <span className="grow">{step.title}</span>
              {step === current && step.show !== undefined && (
                <Button small onClick={step.show.run}>
                  {step.show.title}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
