/** Durations in pipeline files: "500ms", "10s", "2m", "1h", "7d", also added up: "1m 30s". */
const UNITS: Readonly<Record<string, number>> = { ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000 };
const PART = /(\d+)\s*(ms|s|m|h|d)/g;
export const DURATION = /^\s*(\d+\s*(ms|s|m|h|d)\s*)+$/;

/** µs, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let us = 0;
  for (const [, amount, unit] of text.matchAll(PART)) us += Number(amount) * UNITS[unit!]!;
  return Number.isSafeInteger(us) ? us : undefined;
}

/** µs of a text that a settings schema has already accepted. */
export function durationUs(text: string): number {
  const us = parseDuration(text);
  if (us === undefined) throw new Error(`bug: "${text}" was accepted as a duration`);
  return us;
}

/** The shortest writing of a duration: 90_000_000 → "1m 30s". */
export function formatDuration(us: number): string {
  const parts: string[] = [];
  let rest = Math.round(us / 1000) * 1000;
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const amount = Math.floor(rest / UNITS[unit]!);
    if (amount > 0) parts.push(`${amount}${unit}`);
    rest -= amount * UNITS[unit]!;
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}
