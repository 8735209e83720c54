import { readFileSync } from 'node:fs';
import { test } from 'vitest';

export interface RunningService {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly pid?: number;
}

/** What `npm run services -- up` has started; undefined: not there. */
export function runningService(name: 'postgres' | 'redis' | 'kafka'): RunningService | undefined {
  try {
    const state = JSON.parse(readFileSync(new URL('../../.services/state.json', import.meta.url), 'utf8')) as Record<
      string,
      RunningService
    >;
    const service = state[name];
    if (service?.pid !== undefined) process.kill(service.pid, 0);
    return service;
  } catch {
    // no state file, or its process is gone
    return undefined;
  }
}

/** In place of a suite whose service is missing: a skip that says what to run, a failure where services are required. */
export function missingService(name: string): void {
  const title = `${name} is not running: npm run services -- install && npm run services -- up`;
  if (process.env['REQUIRE_SERVICES'] === '1') {
    test(title, () => {
      throw new Error(title);
    });
  } else test.skip(title, () => {});
}
