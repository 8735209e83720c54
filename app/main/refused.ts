import type { Refusal } from '../protocol/refusal.ts';

const STATUS = {
  unauthorised: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  not_now: 409,
  too_large: 413,
  not_valid: 422,
  unavailable: 503,
} as const;

/** A request that is answered with a Refusal instead of its answer. */
export class Refused extends Error {
  readonly status: (typeof STATUS)[keyof typeof STATUS];
  readonly body: Refusal;

  constructor(
    code: keyof typeof STATUS,
    message: string,
    more: Omit<Refusal, 'code' | 'message'> & Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'Refused';
    this.status = STATUS[code];
    this.body = { code, message, ...more };
  }
}
