import '@xyflow/react/dist/style.css';
import './canvas.css';
import {
  applyNodeChanges,
  ConnectionLineType,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useNodesInitialized,
  useReactFlow,
  useStore as useFlowStore,
  type EdgeChange,
  type NodeChange,
  type OnConnectEnd,
} from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { catalogStore } from '../document/catalog-store.ts';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { connect, disconnect } from '../document/edits.ts';
import { libraryStore, openPipeline } from '../document/library-store.ts';
import type { PipelineEdge } from '../document/pipeline-draft.ts';
import { select, selectionStore } from '../document/selection-store.ts';
import { feed } from '../run/live-feed.ts';
import { registerActions } from '../ui/actions.ts';
import { showDock } from '../ui/layout-store.ts';
import { canvasActions, FIT } from './canvas-actions.ts';
import { takePastes } from './clipboard.ts';
import { pointer, type Flow } from './flow.ts';
import { beginConnect, connectStore, endConnect, fitOf } from './connect-store.ts';
import { ContextMenu, contextMenuStore, type MenuOf } from './context-menu.tsx';
import { curves } from './curve.ts';
import { DotOverlay } from './dot-overlay.tsx';
import { DragGhost } from './drag-ghost.tsx';
import { EmptyCanvas } from './empty-canvas.tsx';
import { FlowEdge, LabelLayer } from './flow-edge.tsx';
import { flowEdges, flowNodes, type FlowEdge as FlowEdgeType, type FlowNode } from './flow-parts.ts';
import { Minimap } from './minimap.tsx';
import { MisfitCard } from './misfit-card.tsx';
import { NodeCard } from './node-card.tsx';
import { Outline } from './outline.tsx';
import { Peek } from './peek.tsx';
import { QuickAdd } from './quick-add.tsx';
import { CommentCard, GroupFrame } from './side-nodes.tsx';
import { Tools } from './tools.tsx';
import { useDrag } from './use-drag.ts';

const nodeTypes = { card: NodeCard, group: GroupFrame, comment: CommentCard };
const edgeTypes = { flow: FlowEdge };
const GRID: [number, number] = [8, 8];

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Surface />
    </ReactFlowProvider>
  );
}

function Surface() {
  const document = useStore(documentStore, (state) => state.document);
  const checked = useStore(checkStore, (state) => state.checked);
  const catalog = useStore(catalogStore, (state) => state.catalog);
  const selection = useStore(selectionStore, (state) => state);
  const summaries = useStore(libraryStore, (state) => state.summaries);
  const flow = useReactFlow<FlowNode, FlowEdgeType>() as Flow;
  const [nodes, setNodes] = useState<FlowNode[]>([]);
  const [edges, setEdges] = useState<FlowEdgeType[]>([]);
  const measured = useNodesInitialized();
  const frame = useFlowStore((state) => state.domNode);
  const labels = useMemo(() => frame?.querySelector('.react-flow__edgelabel-renderer') ?? null, [frame]);
  const fitted = useRef('');
  /** id of the document that stands where it should: tests wait for it */
  const [shown, setShown] = useState('');
  /** id of the document whose nodes the canvas has: not yet the present one while another is being opened */
  const [drawn, setDrawn] = useState('');
  const { dragging, onDragStart, onDrag, onDragStop } = useDrag(setNodes);

  useEffect(() => {
    const parts = new Set(selection.parts);
    setNodes((old) => flowNodes(document, checked, parts, old));
    setEdges((old) => flowEdges(document, checked, new Set(selection.edges), old));
    setDrawn(document.id);
  }, [document, checked, catalog, selection]);

  useEffect(() => registerActions(canvasActions(flow)), [flow]);
  useEffect(() => takePastes(flow), [flow]);

  // a port that has counted its first row gets its own line
  useEffect(() => {
    let counted = '';
    return feed.on('second')(() => {
      const now = Object.entries(feed.meters)
        .map(([id, meter]) => `${id}${meter.out.map((rows) => (rows > 0 ? 1 : 0)).join('')}`)
        .join();
      if (now === counted || dragging.current) return;
      counted = now;
      const state = documentStore.getState();
      setNodes((old) => flowNodes(state.document, checkStore.getState().checked, new Set(selectionStore.getState().parts), old));
    });
  }, [dragging]);

  useEffect(() => {
    if (!measured || drawn !== document.id || fitted.current === document.id) return;
    fitted.current = document.id;
    const id = document.id;
    void showFirst(flow).then(() => setShown(id));
  }, [document.id, drawn, measured, flow]);

  useEffect(() => {
    const asked = selection.reveal;
    if (asked === undefined) return;
    const curve = curves.get(asked.id);
    if (curve !== undefined)
      void flow.setCenter((curve.fromX + curve.toX) / 2, (curve.fromY + curve.toY) / 2, {
        zoom: Math.max(0.8, flow.getZoom()),
        duration: 220,
      });
    else if (flow.getNode(asked.id) !== undefined)
      void flow.fitView({
        nodes: [{ id: asked.id }],
        maxZoom: Math.max(0.85, Math.min(1, flow.getZoom())),
        minZoom: 0.4,
        padding: 0.4,
        duration: 220,
      });
  }, [selection.reveal, flow]);

  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    const picks = changes.filter((change) => change.type === 'select');
    if (picks.length > 0) {
      const parts = new Set(selectionStore.getState().parts);
      for (const pick of picks) {
        if (pick.selected) parts.add(pick.id);
        else parts.delete(pick.id);
      }
      select([...parts], selectionStore.getState().edges);
    }
    const rest = changes.filter((change) => change.type === 'position' || change.type === 'dimensions');
    if (rest.length > 0) setNodes((old) => applyNodeChanges(rest, old));
  }, []);

  /** a click on a node takes the wire out of the selection; which wires are in it is said by clicks alone, not by a lasso */
  const onEdgesChange = useCallback((changes: EdgeChange<FlowEdgeType>[]) => {
    const gone = new Set(changes.flatMap((change) => (change.type === 'select' && !change.selected ? [change.id] : [])));
    const { parts, edges: held } = selectionStore.getState();
    if (gone.size > 0)
      select(
        parts,
        held.filter((id) => !gone.has(id)),
      );
  }, []);

  const onConnectEnd: OnConnectEnd = useCallback(
    (event, state) => {
      const { from, answer } = connectStore.getState();
      const at =
        'clientX' in event
          ? { x: event.clientX, y: event.clientY }
          : { x: event.changedTouches[0]!.clientX, y: event.changedTouches[0]!.clientY };
      endConnect();
      if (from === undefined || state.isValid === true) return;
      // the card that says why stands near the pointer, perhaps over the node itself
      const cards = window.document
        .elementsFromPoint(at.x, at.y)
        .map((element) => element.closest<HTMLElement>('.react-flow__node'));
      const over = cards.find((found) => found !== null)?.dataset['id'];
      if (over !== undefined && !from.startsWith(`${over}.`)) {
        const ports = Object.entries(answer?.ports ?? {}).filter(([port]) => port.startsWith(`${over}.`));
        const taken = new Set(documentStore.getState().document.edges.map((edge) => edge.to));
        const fitting = ports.filter(([, misfit]) => misfit === null).map(([port]) => port);
        const target = fitting.find((port) => !taken.has(port)) ?? fitting[0];
        if (target !== undefined) documentStore.edit('Connect', connect(from, target));
        else if (ports[0]?.[1] !== undefined && ports[0][1] !== null) {
          connectStore.setState({ misfit: { misfit: ports[0][1], port: ports[0][0], at, stays: true } });
          connectStore.setState({ from });
          connectStore.setState({ from: undefined });
        }
        return;
      }
      if (over === undefined && window.document.elementFromPoint(at.x, at.y)?.closest('.canvas') !== null) {
        const place = flow.screenToFlowPosition(at);
        connectStore.setState({ quickAdd: { at, place: { x: place.x, y: place.y - 20 }, from, answer } });
      }
    },
    [flow],
  );

  // what has most to see: in a new workspace the demo
  const [other] = summaries
    .filter((summary) => summary.id !== document.id && summary.broken === undefined && summary.nodes > 0)
    .toSorted((a, b) => b.nodes - a.nodes);
  const level = useFlowStore(({ transform: [, , zoom] }) =>
    zoom >= 0.8 ? 'near' : zoom >= 0.55 ? 'middle' : zoom >= 0.4 ? 'middle tight' : 'far',
  );
  const enlarge = useFlowStore((state) => Math.round(20 / Math.max(0.12, Math.min(1, state.transform[2]))) / 20);
  return (
    <section
      className={`canvas ${level}`}
      data-shown={shown}
      style={{ '--k': enlarge } as React.CSSProperties}
      role="application"
      aria-label="Pipeline canvas. Arrow keys go from node to node, Tab adds, C connects, Enter opens the settings and Escape comes back from them, question mark shows all keys."
    >
      <LabelLayer value={labels}>
        <ReactFlow<FlowNode, FlowEdgeType>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onNodeDragStart={onDragStart}
          onNodeDrag={onDrag}
          onNodeDragStop={onDragStop}
          onSelectionDragStart={(event, moved) => onDragStart(event, undefined, moved)}
          onSelectionDrag={(event, moved) => onDrag(event, undefined, moved)}
          onSelectionDragStop={(event, moved) => onDragStop(event, undefined, moved)}
          onNodeContextMenu={(event, node) => {
            const { parts } = selectionStore.getState();
            const among = parts.includes(node.id) && parts.length > 1;
            if (!among) select([node.id]);
            openMenu(event, among ? 'selection' : node.type === 'card' ? 'node' : 'side');
          }}
          onSelectionContextMenu={(event) => openMenu(event, 'selection')}
          onEdgeContextMenu={(event, edge) => {
            select([], [edge.id]);
            openMenu(event, 'edge');
          }}
          onPaneContextMenu={(event) => openMenu(event, 'canvas')}
          onEdgeClick={(event, edge) => {
            event.stopPropagation();
            select([], [edge.id]);
          }}
          onEdgeDoubleClick={() => showDock('data')}
          onPaneClick={() => select([])}
          onConnect={(made) =>
            documentStore.edit(
              'Connect',
              connect(`${made.source}.${made.sourceHandle ?? ''}`, `${made.target}.${made.targetHandle ?? ''}`),
            )
          }
          onConnectStart={(_, start) =>
            start.handleType === 'source' && void beginConnect(`${start.nodeId ?? ''}.${start.handleId ?? ''}`)
          }
          onConnectEnd={onConnectEnd}
          isValidConnection={(made) =>
            fitOf(connectStore.getState(), `${made.target}.${made.targetHandle ?? ''}`) === null ||
            (connectStore.getState().answer === undefined && made.source !== made.target)
          }
          onReconnect={(old, made) =>
            documentStore.edit('Move wire', (before) =>
              connect(
                `${made.source}.${made.sourceHandle ?? ''}`,
                `${made.target}.${made.targetHandle ?? ''}`,
              )(disconnect([edgeOf(old)])(before)),
            )
          }
          onReconnectStart={(_, edge) => void beginConnect(edgeOf(edge).from)}
          onReconnectEnd={(_, edge, __, state) => {
            endConnect();
            if (state.toNode === null) documentStore.edit('Detach wire', disconnect([edgeOf(edge)]));
          }}
          edgesReconnectable
          reconnectRadius={10}
          connectionLineType={ConnectionLineType.Bezier}
          connectionRadius={24}
          snapToGrid
          snapGrid={GRID}
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          selectionMode={SelectionMode.Partial}
          // a lasso mostly begins at the border: the drawing must not run away below it
          autoPanOnSelection={false}
          multiSelectionKeyCode={['Control', 'Meta']}
          disableKeyboardA11y
          zoomOnDoubleClick={false}
          elevateNodesOnSelect={false}
          minZoom={0.15}
          maxZoom={2}
          proOptions={{ hideAttribution: true }}
          onPointerMove={(event) => {
            pointer.x = event.clientX;
            pointer.y = event.clientY;
            overMisfit(event.clientX, event.clientY);
          }}
          onDoubleClick={(event) => {
            if ((event.target as HTMLElement).classList.contains('react-flow__pane')) {
              const at = { x: event.clientX, y: event.clientY };
              connectStore.setState({ quickAdd: { at, place: flow.screenToFlowPosition(at) } });
            }
          }}
        >
          <DotOverlay />
        </ReactFlow>
      </LabelLayer>
      {document.nodes.length === 0 && document.layout.comments.length === 0 && (
        <EmptyCanvas other={other} onOpen={(id) => void openPipeline(id)} />
      )}
      <Tools />
      <Minimap />
      <Peek />
      <QuickAdd />
      <MisfitCard />
      <DragGhost flow={flow} />
      <Outline />
      <ContextMenu />
    </section>
  );
}

/** least zoom at which names and rates can be read */
const READABLE = 0.42;
const EDGE_PX = 20;

/** Everything, when it can be read then; else as much as can be read from the sources on, and the minimap says where the rest is. */
async function showFirst(flow: Flow): Promise<void> {
  await flow.fitView(FIT);
  if (flow.getZoom() >= READABLE || flow.getNodes().length === 0) return;
  const { x, y } = flow.getNodesBounds(flow.getNodes());
  await flow.setViewport({ x: EDGE_PX - x * READABLE, y: EDGE_PX - y * READABLE, zoom: READABLE });
}

/** The browser's own menu would not know what was pressed; in a text field it does. */
function openMenu(event: MouseEvent | React.MouseEvent, of: MenuOf): void {
  if ((event.target as HTMLElement).closest('input, textarea') !== null) return;
  event.preventDefault();
  contextMenuStore.setState({ open: { of, at: { x: event.clientX, y: event.clientY } } });
}

function edgeOf(edge: FlowEdgeType): PipelineEdge {
  return { from: `${edge.source}.${edge.sourceHandle ?? ''}`, to: `${edge.target}.${edge.targetHandle ?? ''}` };
}

/** While a wire is dragged over a node that does not take it, the reason stands beside it. */
function overMisfit(x: number, y: number): void {
  const state = connectStore.getState();
  if (state.from === undefined || state.answer === undefined) return;
  const over = (window.document.elementFromPoint(x, y)?.closest('.react-flow__node') as HTMLElement | null)?.dataset['id'];
  const ports =
    over === undefined || state.from.startsWith(`${over}.`)
      ? []
      : Object.entries(state.answer.ports).filter(([port]) => port.startsWith(`${over}.`));
  const misfit = ports.length > 0 && ports.every(([, why]) => why !== null) ? ports[0] : undefined;
  if (misfit === undefined) {
    if (state.misfit !== undefined) connectStore.setState({ misfit: undefined });
  } else if (state.misfit?.port !== misfit[0])
    connectStore.setState({ misfit: { misfit: misfit[1]!, port: misfit[0], at: { x, y }, stays: false } });
}
