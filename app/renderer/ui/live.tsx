import { useEffect, useRef } from 'react';

/** Something that tells when its value has changed; returns how to stop. */
export type Subscribe = (listener: () => void) => () => void;

/**
 * Text that changes with live data: written into the element, never through React state. `read` gives the text;
 * the element keeps its size because figures are tabular and the caller reserves the width.
 */
export function LiveText({ subscribe, read, className }: { subscribe: Subscribe; read: () => string; className?: string }) {
  const element = useRef<HTMLSpanElement>(null);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const write = () => {
      const text = latest.current();
      if (element.current !== null && element.current.textContent !== text) element.current.textContent = text;
    };
    write();
    return subscribe(write);
  }, [subscribe]);
  useEffect(() => {
    if (element.current !== null) element.current.textContent = latest.current();
  });
  return <span ref={element} className={className} />;
}

/** Runs `draw` now and with every change of the live data; for canvases and attributes. */
export function useLive(subscribe: Subscribe, draw: () => void): void {
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => {
    latest.current();
    return subscribe(() => latest.current());
  }, [subscribe]);
  useEffect(() => {
    latest.current();
  });
}
