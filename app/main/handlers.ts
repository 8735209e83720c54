import type { Api } from '../protocol/api.ts';
import type { AnswerOf, RequestOf } from '../protocol/route.ts';

/** What a handler gets: the checked body or query, and the parts of the path. */
export interface Asked<R> {
  readonly body: R;
  readonly path: Readonly<Record<string, string>>;
}

/** One function a route; a route without one does not compile. */
export type Handlers = {
  readonly [K in keyof Api]: (asked: Asked<RequestOf<Api[K]>>) => AnswerOf<Api[K]> | Promise<AnswerOf<Api[K]>>;
};

export type HandlersOf<K extends keyof Api> = Pick<Handlers, K>;
