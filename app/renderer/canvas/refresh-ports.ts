import { useUpdateNodeInternals } from '@xyflow/react';
import { useEffect, useRef } from 'react';

const waiting = new Set<string>();
let asked = false;

/**
 * Ports that have moved on their card are measured again, those of all cards in one go: each call of React Flow makes every
 * subscriber of its store look, so that one call a card costs the square of their number. What a card shows first, React Flow measures.
 */
export function useRefreshPorts(id: string, shape: string): void {
  const update = useUpdateNodeInternals();
  const first = useRef(shape);
  useEffect(() => {
    if (first.current === shape) return;
    first.current = shape;
    waiting.add(id);
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      const ids = [...waiting];
      waiting.clear();
      update(ids);
    });
  }, [id, shape, update]);
}
