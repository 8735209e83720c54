import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, type PipelineNode } from '../document/pipeline-draft.ts';
import { focusField, revealEdge } from '../document/selection-store.ts';
import { runAction } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { layoutStore, showDock } from '../ui/layout-store.ts';
import { isLive, runStore } from '../run/run-store.ts';

interface Step {
  readonly id: string;
  readonly title: ReactNode;
  readonly show?: { readonly title: string; readonly run: () => void };
}

/** A threshold is the setting whose change is seen soonest; without one, any setting will do. */
function stepsOf(nodes: readonly PipelineNode[], firstEdge: string | undefined): readonly Step[] {
  const watched = nodes.find((node) => typeof node.settings['threshold'] === 'number');
  return [
    {
      id: 'edge',
      title: 'Click a line, see its rows',
      ...(firstEdge === undefined ? {} : { show: { title: 'Show me', run: () => revealEdge(firstEdge) } }),
    },
    watched === undefined
      ? { id: 'edit', title: 'Change a setting of a node', show: { title: 'Find', run: () => runAction('commands.find') } }
      : {
          id: 'edit',
          title: (
            <>
              <b className="med">{watched.name || watched.id}</b>: threshold 2.5
            </>
          ),
          show: { title: 'Show me', run: () => focusField(watched.id, 'threshold') },
        },
    { id: 'apply', title: 'Apply it without stopping', show: { title: 'Apply', run: () => runAction('run.apply') } },
    { id: 'dead', title: 'Look at the rows that broke', show: { title: 'Show me', run: () => showDock('dead') } },
  ];
}

/** The first steps: never modal, gone for good with Skip. */
export function HintBar() {
  const hints = useStore(layoutStore, (state) => state.hints);
  const live = useStore(runStore, (state) => isLive(state.status?.state));
  const document = useStore(documentStore, (state) => state.document);
  const [edge] = document.edges;
  const steps = stepsOf(document.nodes, edge === undefined ? undefined : edgeKey(edge));
  if (hints.hidden || !live || steps.every((step) => hints.done.includes(step.id))) return null;
  const current = steps.find((step) => !hints.done.includes(step.id));
  return (
    <section className="hint" aria-label="First steps">
      <div className="row">
        <b className="strong grow">Four things to try</b>
        <Button small look="quiet" onClick={() => layoutStore.setState((old) => ({ hints: { ...old.hints, hidden: true } }))}>
          Skip
        </Button>
      </div>
      <ol>
        {steps.map((step, index) => {
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
