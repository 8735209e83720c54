import { useStoreApi, type EdgeProps } from '@xyflow/react';
import { createContext, memo, useContext, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { documentStore } from '../document/document-store.ts';
import { edgeKey } from '../document/pipeline-draft.ts';
import { feed } from '../run/live-feed.ts';
import { runStore } from '../run/run-store.ts';
import { healthShape } from '../ui/health.tsx';
import { Icon } from '../ui/icon.tsx';
import { useLive } from '../ui/live.tsx';
import { connectStore } from './connect-store.ts';
import { curveOf, curves, pathOf } from './curve.ts';
import { edgeReading, type EdgeReading } from './edge-reading.ts';
import type { FlowEdge as FlowEdgeType } from './flow-parts.ts';
import type { CheckedPort } from '../../protocol/check.ts';

/** What each edge shows now; the overlay of moving dots reads it. */
export const edgeReadings = new Map<string, EdgeReading>();

/**
 * Where labels stand. React Flow's own EdgeLabelRenderer looks this element up in the whole page for every edge with every change of its
 * store, which at 200 edges was a third of the time to load; here it is looked up once.
 */
export const LabelLayer = createContext<Element | null>(null);

/** free canvas from left to right that a label needs, px of the screen */
const LABEL_ROOM = 88;

/** Line, halo and label. Width and colour are written to the elements as the rates change. */
export const FlowEdge = memo(function FlowEdge({
  id,
  source,
  target,
  sourceX,
  sourceY,
  targetX,
  targetY,
  selected,
  data,
}: EdgeProps<FlowEdgeType>) {
  const group = useRef<SVGGElement>(null);
  const label = useRef<HTMLSpanElement>(null);
  const [over, setOver] = useState(false);
  const layer = useContext(LabelLayer);
  const path = pathOf(sourceX, sourceY, targetX, targetY);
  const middle = { x: (sourceX + targetX) / 2, y: (sourceY + targetY) / 2 };
  const flow = useStoreApi();

  useEffect(() => {
    curves.set(id, curveOf(sourceX, sourceY, targetX, targetY));
    return () => void curves.delete(id);
  }, [id, sourceX, sourceY, targetX, targetY]);

  const write = () => {
    const port = { name: data?.fromName ?? '' } as CheckedPort;
    const reading = edgeReading(source, port, data?.fromIndex ?? 0, target);
    edgeReadings.set(id, reading);
    const look = `edge w${reading.width} ${reading.look}${runStore.getState().link === 'gone' ? ' stale' : ''}`;
    if (group.current !== null && group.current.getAttribute('data-look') !== look) {
      group.current.setAttribute('data-look', look);
      group.current.setAttribute('class', `${look}${selected === true ? ' tapped' : ''}`);
    }
    if (label.current !== null) {
      const room = (targetX - sourceX) * flow.getState().transform[2] > LABEL_ROOM;
      const text = room || reading.look === 'held' ? reading.label : '';
      if (label.current.lastChild?.textContent !== text) label.current.lastChild!.textContent = text;
      const classes = `elabel ${reading.look === 'held' ? 'warn' : reading.look === 'stalled' ? 'still' : ''}${text === '' ? ' empty' : ''}`;
      if (label.current.className !== classes) label.current.className = classes;
    }
  };
  useLive(feed.on('meters'), write);
  useEffect(() => {
    group.current?.setAttribute(
      'class',
      `${group.current.getAttribute('data-look') ?? 'edge w1'}${selected === true ? ' tapped' : ''}`,
    );
  }, [selected]);
  useEffect(() => () => void edgeReadings.delete(id), [id]);

  const insert = (event: React.MouseEvent) => {
    event.stopPropagation();
    const edge = documentStore.getState().document.edges.find((entry) => edgeKey(entry) === id);
    if (edge === undefined) return;
    connectStore.setState({
      quickAdd: { at: { x: event.clientX, y: event.clientY }, place: { x: middle.x - 80, y: middle.y - 20 }, edge },
    });
  };

  return (
    <>
      <g ref={group} className="edge w1" data-edge={id} onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
        <path className="halo" d={path} />
        <path className="line" d={path} />
        <path className="react-flow__edge-interaction" d={path} fill="none" strokeOpacity={0} strokeWidth={20} />
      </g>
      {layer !== null &&
        createPortal(
          // one element of their own: the plus makes way for the label before it, and a portal puts what comes later behind all others
          <div>
            <span ref={label} className="elabel empty" style={{ left: middle.x, top: middle.y }}>
              <svg viewBox="0 0 10 10" aria-hidden>
                <path d={healthShape('warn')} />
              </svg>
              <span />
            </span>
            {(over || selected === true) && (
              <button
                type="button"
                className="insert nodrag nopan"
                style={{ left: middle.x, top: middle.y }}
                onPointerEnter={() => setOver(true)}
                onPointerLeave={() => setOver(false)}
                onClick={insert}
                aria-label={`Insert a node on ${id}`}
                title="Insert a node here"
              >
                <Icon name="plus" size="s" />
              </button>
            )}
          </div>,
          layer,
        )}
    </>
  );
});
