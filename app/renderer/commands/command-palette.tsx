import './commands.css';
import { Command } from 'cmdk';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { catalogStore, kindOf } from '../document/catalog-store.ts';
import { checkStore, NO_PROBLEMS } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { createPipeline } from '../document/library-store.ts';
import { focusField, reveal } from '../document/selection-store.ts';
import { actionStore, keysText, registerActions } from '../ui/actions.ts';
import { Icon } from '../ui/icon.tsx';
import { layoutStore, openDialog } from '../ui/layout-store.ts';
import { rank } from '../ui/rank.ts';
import { Tile } from '../ui/tile.tsx';
import { KeyMapDialog } from './key-map-dialog.tsx';
import { listenToKeys } from './key-map.ts';

/** Nodes, actions, problems, templates and help behind one field. */
export function CommandPalette() {
  const open = useStore(layoutStore, (state) => state.commandsOpen);
  const keys = useStore(layoutStore, (state) => state.dialog === 'keys');
  useEffect(listenToKeys, []);
  useEffect(
    () =>
      registerActions([
        {
          id: 'commands.open',
          title: 'Command palette',
          group: 'Help',
          icon: 'command',
          keys: ['Ctrl+k'],
          everywhere: true,
          run: () => layoutStore.setState((old) => ({ commandsOpen: !old.commandsOpen })),
        },
        {
          id: 'commands.find',
          title: 'Find on canvas',
          group: 'Canvas',
          icon: 'search',
          keys: ['Ctrl+f'],
          everywhere: true,
          run: () => layoutStore.setState({ commandsOpen: true }),
        },
        { id: 'commands.keys', title: 'Keyboard map', group: 'Help', icon: 'keyboard', keys: ['?'], run: () => openDialog('keys') },
        {
          id: 'commands.hints',
          title: 'Show the first steps again',
          group: 'Help',
          icon: 'info',
          run: () => layoutStore.setState({ hints: { hidden: false, done: [] } }),
        },
        {
          id: 'commands.next-problem',
          title: 'Next problem',
          group: 'Canvas',
          icon: 'circle-alert',
          keys: ['F8'],
          everywhere: true,
          refuse: () => ((checkStore.getState().checked?.problems.length ?? 0) === 0 ? 'There is no problem.' : undefined),
          run: nextProblem,
        },
      ]),
    [],
  );
  return (
    <>
      {open && <Palette onClose={() => layoutStore.setState({ commandsOpen: false })} />}
      {keys && <KeyMapDialog />}
    </>
  );
}

let turn = -1;

function nextProblem(): void {
  const problems = (checkStore.getState().checked?.problems ?? []).filter((problem) => problem.node !== undefined);
  turn = (turn + 1) % Math.max(1, problems.length);
  const problem = problems[turn];
  if (problem?.node === undefined) return;
  if (problem.field === undefined) reveal(problem.node);
  else focusField(problem.node, problem.field, problem.position);
}

function Palette({ onClose }: { onClose: () => void }) {
  const actions = useStore(actionStore, (state) => state.actions);
  const nodes = useStore(documentStore, (state) => state.document.nodes);
  const problems = useStore(checkStore, (state) => state.checked?.problems ?? NO_PROBLEMS);
  const checked = useStore(checkStore, (state) => state.checked);
  const { kinds, templates } = useStore(catalogStore, (state) => state.catalog);
  const [search, setSearch] = useState('');
  const pick = (run: () => void) => () => {
    onClose();
    run();
  };
  return (
    <Command.Dialog
      open
      onOpenChange={(next) => !next && onClose()}
      label="Commands"
      overlayClassName="scrim"
      contentClassName="command-dialog"
      // a value begins with what it is: node, action, help
      filter={(value, wanted, about) => rank(value.slice(value.indexOf(' ') + 1).trim(), wanted, about)}
      loop
    >
      <div className="find">
        <Icon name="search" size="l" />
        <Command.Input value={search} onValueChange={setSearch} placeholder="Nodes, actions, problems, help" />
        <span className="kbd">Esc</span>
      </div>
      <Command.List>
        <Command.Empty>Nothing is called that.</Command.Empty>
        <Command.Group heading="Nodes">
          {nodes.map((node) => {
            const entry = kindOf(node.kind);
            const settings = JSON.stringify(node.settings).slice(0, 400);
            return (
              <Command.Item
                key={node.id}
                value={`node ${node.name} ${node.id}`}
                keywords={[entry?.title ?? '', settings]}
                onSelect={pick(() => reveal(node.id))}
              >
                <Tile family={entry?.family ?? 'transform'} icon={entry?.icon ?? 'box'} small />
                <span className="grow clip">
                  {node.name || node.id} <span className="t3">{checked?.nodes[node.id]?.caption}</span>
                </span>
                <span className="cap">Go to node</span>
              </Command.Item>
            );
          })}
        </Command.Group>
        {problems.length > 0 && (
          <Command.Group heading="Problems">
            {problems.slice(0, 20).map((problem, index) => (
              <Command.Item
                key={index}
                value={`problem ${index} ${problem.message}`}
                onSelect={pick(
                  () =>
                    problem.node !== undefined &&
                    (problem.field === undefined
                      ? reveal(problem.node)
                      : focusField(problem.node, problem.field, problem.position)),
                )}
              >
                <Icon name="triangle-alert" />
                <span className="grow clip">{problem.message}</span>
                <span className="cap">{problem.node}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Actions">
          {[...actions.values()].map((action) => {
            const why = action.refuse?.();
            return (
              <Command.Item
                key={action.id}
                value={`action ${action.title}`}
                disabled={why !== undefined}
                onSelect={pick(action.run)}
              >
                <Icon name={action.icon} />
                <span className="grow clip">
                  {action.title} {why !== undefined && <span className="t3">{why}</span>}
                </span>
                {action.keys?.[0] !== undefined && <span className="kbd">{keysText(action.keys[0])}</span>}
              </Command.Item>
            );
          })}
        </Command.Group>
        {search !== '' && (
          <Command.Group heading="Templates">
            {templates.map((template) => (
              <Command.Item
                key={template.name}
                value={`template ${template.title} ${template.summary}`}
                onSelect={pick(() => void createPipeline(template.title, template.name))}
              >
                <Icon name="layout-grid" />
                <span className="grow clip">{template.title}</span>
                <span className="cap">opens as a copy</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {search !== '' && (
          <Command.Group heading="Help">
            {kinds.map((entry) => (
              <Command.Item
                key={entry.kind}
                value={`help ${entry.title} ${entry.summary}`}
                onSelect={pick(() => {
                  const node = nodes.find((candidate) => candidate.kind === entry.kind);
                  if (node !== undefined) reveal(node.id);
                  layoutStore.setState((old) => ({ inspectorTab: 'docs', inspector: { ...old.inspector, open: true } }));
                })}
              >
                <Icon name="circle-help" />
                <span className="grow clip">{entry.title}</span>
                <span className="cap">{entry.summary}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command.Dialog>
  );
}
