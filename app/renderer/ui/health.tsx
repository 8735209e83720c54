import type { ReactNode } from 'react';

export type Health = 'ok' | 'bad' | 'warn' | 'late' | 'you' | 'still' | 'paused' | 'off';

/** One shape for each state, so that colour never speaks alone. */
const SHAPES: Readonly<Record<Health, string>> = {
  ok: 'M5 1a4 4 0 1 1 0 8a4 4 0 0 1 0-8Z',
  bad: 'M3.1.4h3.8L9.6 3.1v3.8L6.9 9.6H3.1L.4 6.9V3.1ZM3.75 2.95 2.95 3.75 4.2 5 2.95 6.25 3.75 7.05 5 5.8 6.25 7.05 7.05 6.25 5.8 5 7.05 3.75 6.25 2.95 5 4.2Z',
  warn: 'M5 .8 9.6 9H.4Z',
  late: 'M5 .4 9.6 5 5 9.6.4 5Z',
  you: 'M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8Zm0 1.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4Z',
  still: 'M1 4h8v2H1Z',
  paused: 'M2 1h2v8H2ZM6 1h2v8H6Z',
  off: 'M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8Zm0 1.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4Z',
};

export function healthClass(health: Health): string {
  return health === 'paused' || health === 'off' ? 'still' : health;
}

export function healthShape(health: Health): string {
  return SHAPES[health];
}

export function HealthShape({ health }: { health: Health }) {
  return (
    <svg viewBox="0 0 10 10" aria-hidden>
      <path d={SHAPES[health]} fillRule="evenodd" />
    </svg>
  );
}

/** Shape and word. */
export function HealthMark({ health, children }: { health: Health; children?: ReactNode }) {
  return (
    <span className={`hs ${healthClass(health)}`}>
      <HealthShape health={health} />
      {children}
    </span>
  );
}
