import { useCallback, useRef, type Dispatch, type RefObject, type SetStateAction } from 'react';
import { documentStore } from '../document/document-store.ts';
import { moveParts } from '../document/edits.ts';
import type { Place } from '../document/pipeline-draft.ts';
import { carriedBy, placesOf } from './carried.ts';
import type { FlowNode } from './flow-parts.ts';

type Dragged = (event: unknown, node: unknown, moved: readonly FlowNode[]) => void;

/** Parts are dragged, and with a group what stands on it; one step of undo at the end. */
export function useDrag(setNodes: Dispatch<SetStateAction<FlowNode[]>>): {
  readonly dragging: RefObject<boolean>;
  readonly onDragStart: Dragged;
  readonly onDrag: Dragged;
  readonly onDragStop: Dragged;
} {
  const dragging = useRef(false);
  const carried = useRef<ReadonlySet<string>>(new Set());

  const onDragStart = useCallback<Dragged>((_, __, moved) => {
    dragging.current = true;
    carried.current = carriedBy(documentStore.getState().document, new Set(moved.map((node) => node.id)));
  }, []);

  const onDrag = useCallback<Dragged>(
    (_, __, moved) => {
      if (carried.current.size === 0) return;
      const places = placesAfter(moved, carried.current);
      setNodes((old) =>
        old.map((node) => (carried.current.has(node.id) ? { ...node, position: { ...(places[node.id] ?? node.position) } } : node)),
      );
    },
    [setNodes],
  );

  const onDragStop = useCallback<Dragged>((_, __, moved) => {
    dragging.current = false;
    documentStore.edit(moved.length === 1 ? 'Move' : `Move ${moved.length} parts`, moveParts(placesAfter(moved, carried.current)));
  }, []);

  return { dragging, onDragStart, onDrag, onDragStop };
}

/** Where the dragged parts stand now, and those that go along by the same way. */
function placesAfter(moved: readonly FlowNode[], carried: ReadonlySet<string>): Readonly<Record<string, Place>> {
  const places: Record<string, Place> = Object.fromEntries(moved.map((node) => [node.id, node.position]));
  const before = placesOf(documentStore.getState().document);
  const [first] = moved;
  const from = first === undefined ? undefined : before[first.id];
  if (first === undefined || from === undefined) return places;
  for (const id of carried) {
    const place = before[id];
    if (place !== undefined) places[id] = { x: place.x + first.position.x - from.x, y: place.y + first.position.y - from.y };
  }
  return places;
}
