import { fillPath, type Route } from '../../protocol/route.ts';
import type { Refusal } from '../../protocol/refusal.ts';

/** An answer other than 200; `refusal` says what happened and what to do. */
export class Refused extends Error {
  readonly status: number;
  readonly refusal: Refusal;

  constructor(status: number, refusal: Refusal) {
    super(refusal.message);
    this.name = 'Refused';
    this.status = status;
    this.refusal = refusal;
  }
}

type Parts = Readonly<Record<string, string | number>>;

/** Throws only `Refused`; status 0: the server was not reached. */
export async function ask<Request, Answer>(route: Route<Request, Answer>, parts: Parts, request: Request): Promise<Answer> {
  const query =
    route.method === 'GET' && request !== undefined ? `?${queryText(request as Readonly<Record<string, unknown>>)}` : '';
  const sends = route.method !== 'GET' && request !== undefined;
  let response: Response;
  try {
    response = await fetch(fillPath(route.path, parts) + query, {
      method: route.method,
      credentials: 'same-origin',
      ...(sends ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) } : {}),
    });
  } catch {
    throw new Refused(0, {
      code: 'no_server',
      message: 'The server does not answer.',
      mend: 'Start it again; the draft is kept in this browser.',
    });
  }
  const text = await response.text();
  if (!response.ok) throw new Refused(response.status, refusalOf(text, response.status));
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

function queryText(request: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) if (value !== undefined) query.set(name, String(value));
  return query.toString();
}

function refusalOf(text: string, status: number): Refusal {
  try {
    const value = JSON.parse(text) as Partial<Refusal>;
    if (typeof value.message === 'string') return { code: 'refused', ...value } as Refusal;
  } catch {
    // not JSON: said below
  }
  return { code: 'refused', message: `The server answered with status ${status}.`, mend: 'Look in the log of the server.' };
}

export function refusalText(error: unknown): { readonly title: string; readonly note: string | undefined } {
  if (error instanceof Refused) return { title: error.refusal.message, note: error.refusal.mend };
  throw error;
}
