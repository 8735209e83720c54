import { documentStore } from '../document/document-store.ts';
import { checkStore, portsOf } from '../document/check-store.ts';
import { moveParts, putComment, putGroup, removeParts, snap } from '../document/edits.ts';
import { edgeKey, freeId, nodeOf, partIds, type Place } from '../document/pipeline-draft.ts';
import { select, selectionStore } from '../document/selection-store.ts';
import type { Action } from '../ui/actions.ts';
import { layoutStore, openDialog, showDock } from '../ui/layout-store.ts';
import { autoLayout } from './auto-layout.ts';
import { connectableFrom, connectStore } from './connect-store.ts';
import { carriedBy, placesOf } from './carried.ts';
import { copy, duplicate, pasteHere } from './clipboard.ts';
import { pointer, type Flow } from './flow.ts';
import { follow, walk } from './walk.ts';

const doc = () => documentStore.getState().document;
const picked = () => new Set(selectionStore.getState().parts);
const nothingPicked = () => (selectionStore.getState().parts.length === 0 ? 'Select a node first.' : undefined);
const oneEdge = () => (selectionStore.getState().edges.length === 1 ? undefined : 'Select an edge first.');

export function sizeOf(flow: Flow, id: string): { readonly width: number; readonly height: number } {
  const node = flow.getInternalNode(id);
  return { width: node?.measured.width ?? 160, height: node?.measured.height ?? 88 };
}

function bounds(flow: Flow, ids: readonly string[]): { x: number; y: number; width: number; height: number } {
  const standing = placesOf(doc());
  const boxes = ids.map((id) => ({ ...(standing[id] ?? { x: 0, y: 0 }), ...sizeOf(flow, id) }));
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

export function remove(heal: boolean): void {
  const { parts, edges } = selectionStore.getState();
  const gone = doc().edges.filter((edge) => edges.includes(edgeKey(edge)));
  documentStore.edit(parts.length > 1 ? `Delete ${parts.length} parts` : 'Delete', removeParts(new Set(parts), gone, heal));
  select([]);
}

/** What the clipboard did not take stays. */
async function cut(): Promise<void> {
  if (await copy()) remove(false);
}

function nudge(dx: number, dy: number): void {
  const places: Record<string, Place> = {};
  const standing = placesOf(doc());
  for (const id of [...picked(), ...carriedBy(doc(), picked())]) {
    const place = standing[id];
    if (place !== undefined) places[id] = { x: place.x + dx, y: place.y + dy };
  }
  documentStore.edit('Move', moveParts(places), 'nudge');
}

function group(flow: Flow): void {
  const box = bounds(flow, [...picked()]);
  const id = freeId('group', partIds(doc()));
  documentStore.edit(
    'Group',
    putGroup({
      id,
      title: 'Group',
      x: snap(box.x - 16),
      y: snap(box.y - 36),
      width: snap(box.width + 32),
      height: snap(box.height + 56),
    }),
  );
}

function comment(flow: Flow): void {
  const at = flow.screenToFlowPosition(pointer);
  const id = freeId('comment', partIds(doc()));
  documentStore.edit('Comment', putComment({ id, text: '', x: snap(at.x), y: snap(at.y), width: 200, height: 72 }));
  select([id]);
}

export function tidy(flow: Flow): void {
  const only = new Set([...picked()].filter((id) => doc().layout.nodes[id] !== undefined));
  const places = autoLayout(doc(), only.size > 1 ? only : new Set(), (id) => sizeOf(flow, id));
  const pane = window.document.querySelector('.canvas');
  pane?.classList.add('tidying');
  documentStore.edit('Tidy layout', moveParts(places));
  setTimeout(() => {
    pane?.classList.remove('tidying');
    if (only.size <= 1) void flow.fitView(FIT);
  }, 320);
}

/** the tools stand at the lower edge: nothing lies under them */
export const FIT = { padding: { x: '20px', top: '24px', bottom: '56px' }, minZoom: 0.2, maxZoom: 1 } as const;

async function connectByKeys(flow: Flow): Promise<void> {
  const id = selectionStore.getState().parts[0];
  const node = doc().nodes.find((entry) => entry.id === id);
  if (node === undefined) return;
  const outputs = portsOf(checkStore.getState().checked, node).outputs;
  const free = outputs.find((port) => !doc().edges.some((edge) => edge.from === `${node.id}.${port.name}`)) ?? outputs[0];
  if (free === undefined) return;
  const from = `${node.id}.${free.name}`;
  const place = doc().layout.nodes[node.id] ?? { x: 0, y: 0 };
  const size = sizeOf(flow, node.id);
  const at = flow.flowToScreenPosition({ x: place.x + size.width + 12, y: place.y });
  connectStore.setState({
    quickAdd: {
      at,
      place: { x: place.x + size.width + 56, y: place.y },
      from,
      existing: true,
      answer: await connectableFrom(from),
    },
  });
}

/** Now when it is there, else once the panel that holds it has opened. */
function soonFind(selector: string, then: (element: HTMLElement) => void): void {
  const element = window.document.querySelector<HTMLElement>(selector);
  if (element !== null) then(element);
  else
    setTimeout(() => {
      const late = window.document.querySelector<HTMLElement>(selector);
      if (late !== null) then(late);
    }, 30);
}

function addHere(flow: Flow): void {
  const pane = window.document.querySelector('.canvas')!.getBoundingClientRect();
  const inside = pointer.x > pane.left && pointer.x < pane.right && pointer.y > pane.top && pointer.y < pane.bottom;
  const at = inside ? { ...pointer } : { x: pane.left + pane.width / 2 - 150, y: pane.top + 80 };
  connectStore.setState({ quickAdd: { at, place: flow.screenToFlowPosition(at) } });
}

/** On the selected edge, near where the pointer was. */
function insertHere(flow: Flow): void {
  const [key] = selectionStore.getState().edges;
  const edge = doc().edges.find((entry) => edgeKey(entry) === key);
  const place = flow.screenToFlowPosition(pointer);
  if (edge !== undefined)
    connectStore.setState({ quickAdd: { at: { ...pointer }, place: { x: place.x - 80, y: place.y - 20 }, edge } });
}

export function canvasActions(flow: Flow): readonly Action[] {
  const canvas = { group: 'Canvas', canvas: true } as const;
  const onePicked = () => (selectionStore.getState().parts.length === 1 ? undefined : 'Select one node first.');
  const anyPicked = () =>
    selectionStore.getState().parts.length + selectionStore.getState().edges.length === 0 ? 'Select something first.' : undefined;
  return [
    { ...canvas, id: 'canvas.add', title: 'Add a node', icon: 'plus', keys: ['Tab', 'a'], run: () => addHere(flow) },
    {
      ...canvas,
      id: 'canvas.connect',
      title: 'Connect from the selected node',
      icon: 'waypoints',
      keys: ['c'],
      refuse: onePicked,
      run: () => void connectByKeys(flow),
    },
    {
      ...canvas,
      id: 'canvas.inspect',
      title: 'Settings of the selected node',
      icon: 'settings',
      keys: ['Enter'],
      refuse: onePicked,
      run: () => {
        layoutStore.setState((old) => ({ inspector: { ...old.inspector, open: true }, inspectorTab: 'settings' }));
        soonFind('.inspector .form :is(input, button, .cm-content)', (field) => field.focus());
      },
    },
    {
      ...canvas,
      id: 'canvas.rename',
      title: 'Rename the selected node',
      icon: 'pencil',
      keys: ['F2'],
      refuse: onePicked,
      run: () => {
        layoutStore.setState((old) => ({ inspector: { ...old.inspector, open: true } }));
        soonFind('.inspector .name-input', (field) => (field as HTMLInputElement).select());
      },
    },
    {
      ...canvas,
      id: 'canvas.delete',
      title: 'Delete, and heal the wire',
      icon: 'trash-2',
      keys: ['Delete', 'Backspace'],
      refuse: anyPicked,
      run: () => remove(true),
    },
    {
      ...canvas,
      id: 'canvas.delete-bare',
      title: 'Delete with its wires',
      icon: 'trash-2',
      keys: ['Shift+Delete', 'Shift+Backspace'],
      refuse: anyPicked,
      run: () => remove(false),
    },
    {
      ...canvas,
      id: 'canvas.copy',
      title: 'Copy as JSON',
      icon: 'copy',
      keys: ['Ctrl+c'],
      refuse: nothingPicked,
      run: () => void copy(),
    },
    {
      ...canvas,
      id: 'canvas.cut',
      title: 'Cut',
      icon: 'copy',
      keys: ['Ctrl+x'],
      refuse: nothingPicked,
      run: () => void cut(),
    },
    {
      ...canvas,
      id: 'canvas.duplicate',
      title: 'Duplicate',
      icon: 'copy',
      keys: ['Ctrl+d'],
      refuse: nothingPicked,
      run: duplicate,
    },
    {
      ...canvas,
      id: 'canvas.group',
      title: 'Group the selection',
      icon: 'group',
      keys: ['g'],
      refuse: nothingPicked,
      run: () => group(flow),
    },
    { ...canvas, id: 'canvas.comment', title: 'Add a comment', icon: 'message-square', keys: ['m'], run: () => comment(flow) },
    {
      ...canvas,
      id: 'canvas.tap',
      title: 'Tap the selected node or edge',
      icon: 'eye',
      keys: ['t'],
      refuse: anyPicked,
      run: () => {
        const id = selectionStore.getState().parts[0];
        const edge =
          id === undefined
            ? undefined
            : (doc().edges.find((entry) => nodeOf(entry.from) === id) ?? doc().edges.find((entry) => nodeOf(entry.to) === id));
        if (edge !== undefined) select([], [edgeKey(edge)]);
        showDock('data');
      },
    },
    {
      ...canvas,
      id: 'canvas.record',
      title: 'Record a test from the selected edge',
      icon: 'bookmark',
      refuse: oneEdge,
      run: () => openDialog('record'),
    },
    {
      ...canvas,
      id: 'canvas.insert',
      title: 'Insert a node on the selected edge',
      icon: 'plus',
      refuse: oneEdge,
      run: () => insertHere(flow),
    },
    { ...canvas, id: 'canvas.paste', title: 'Paste', icon: 'clipboard-paste', run: () => void pasteHere(flow) },
    {
      ...canvas,
      id: 'canvas.all',
      title: 'Select all',
      icon: 'layout-grid',
      keys: ['Ctrl+a'],
      run: () => select(doc().nodes.map((node) => node.id)),
    },
    {
      ...canvas,
      id: 'canvas.none',
      title: 'Deselect',
      icon: 'x',
      keys: ['Escape'],
      run: () => {
        connectStore.setState({ quickAdd: undefined, misfit: undefined });
        select([]);
      },
    },
    {
      ...canvas,
      id: 'canvas.upstream',
      title: 'Select upstream',
      icon: 'git-merge',
      keys: ['Alt+u'],
      refuse: nothingPicked,
      run: () => follow('up'),
    },
    {
      ...canvas,
      id: 'canvas.downstream',
      title: 'Select downstream',
      icon: 'split',
      keys: ['Alt+d'],
      refuse: nothingPicked,
      run: () => follow('down'),
    },
    { ...canvas, id: 'canvas.layout', title: 'Tidy layout', icon: 'layout-grid', keys: ['Shift+l'], run: () => tidy(flow) },
    { ...canvas, id: 'canvas.zoom-100', title: 'Zoom to 100 %', icon: 'zoom-in', keys: ['0'], run: () => void flow.zoomTo(1) },
    { ...canvas, id: 'canvas.fit', title: 'Fit the pipeline', icon: 'maximize', keys: ['1'], run: () => void flow.fitView(FIT) },
    {
      ...canvas,
      id: 'canvas.fit-selection',
      title: 'Fit the selection',
      icon: 'maximize',
      keys: ['2'],
      refuse: nothingPicked,
      run: () => void flow.fitView({ ...FIT, nodes: [...picked()].map((id) => ({ id })) }),
    },
    ...(['Left', 'Right', 'Up', 'Down'] as const).flatMap((direction): Action[] => {
      const [dx, dy] = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] }[direction] as [number, number];
      return [
        {
          ...canvas,
          id: `canvas.walk-${direction}`,
          title: `Node to the ${direction.toLowerCase()}`,
          icon: 'crosshair',
          keys: [`Arrow${direction}`],
          run: () => walk(flow, dx, dy),
        },
        {
          ...canvas,
          id: `canvas.move-${direction}`,
          title: `Move ${direction.toLowerCase()} by 8 px`,
          icon: 'crosshair',
          keys: [`Ctrl+Arrow${direction}`],
          refuse: nothingPicked,
          run: () => nudge(dx * 8, dy * 8),
        },
      ];
    }),
  ];
}
