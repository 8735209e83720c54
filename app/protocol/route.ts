/**
 * One request the page (or a script with the token) can make. `Request` is the JSON body of a POST, PUT or DELETE and the query of
 * a GET; `Answer` is the JSON body of a 200. Every other status carries a `Refusal`. The types are carried without a value:
 * `api.ts` is all that the page loads, the zod schemas that the server checks with stand in `requests.ts`.
 */
export interface Route<Request, Answer> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** with `:name` for the parts that the caller fills in */
  readonly path: string;
  readonly carries?: (request: Request) => Answer;
}

export type RequestOf<R> = R extends Route<infer Request, unknown> ? Request : never;
export type AnswerOf<R> =
  R extends Route<never, infer Answer> ? Answer : R extends Route<infer _Request, infer Answer> ? Answer : never;

export function route<Request, Answer>(method: Route<Request, Answer>['method'], path: string): Route<Request, Answer> {
  return { method, path };
}

/** `/api/pipelines/:id` + { id } → `/api/pipelines/5b0f…`; a part that is missing is a bug of the caller. */
export function fillPath(path: string, parts: Readonly<Record<string, string | number>>): string {
  return path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`bug: ${path} needs ${name}`);
    return encodeURIComponent(String(part));
  });
}
