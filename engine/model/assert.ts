/** Bugs are asserted: a failed assertion is a defect of Telemetra, never of a user or a service. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`);
}

export function must<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new Error(`bug: ${message}`);
  return value;
}

export function unreachable(value: never): never {
  throw new Error(`bug: unexpected ${JSON.stringify(value)}`);
}
