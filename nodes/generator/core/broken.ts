import type { SeededRandom } from './random.ts';

/** A message as it comes out of a faulty producer: each way leads to a dead letter of another code. */
export function broken(random: SeededRandom, event: Readonly<Record<string, unknown>>): string {
  const whole = JSON.stringify(event);
  switch (random.integer(0, 5)) {
    case 0:
      return whole.slice(0, Math.floor(whole.length * (0.2 + random.next() * 0.7)));
    case 1: {
      const { timestamp: _, ...rest } = event;
      return JSON.stringify(rest);
    }
    case 2:
      return JSON.stringify({ ...event, channel: 17 });
    case 3:
      return JSON.stringify({ ...event, timestamp: '2026-02-30T25:61:00Z' });
    case 4:
      return whole.replace(/}$/, ',"channel":"twice"}');
    default:
      return whole.replace(/"channel":"/, '"channel":"\\ud83d');
  }
}
