import type { Problem } from '../../engine/model/problem.ts';

/** Body of every answer that is not 200. */
export interface Refusal {
  /**
   * `unauthorised` 401 · `forbidden` 403 (Origin, Host) · `not_found` 404 · `conflict` 409 (the file has another revision, see `Conflict`) ·
   * `not_now` 409 (the run's state does not allow it) · `too_large` 413 · `not_valid` 422 (see `problems`) · `unavailable` 503 (a connection is down)
   */
  readonly code: string;
  /** what happened, one sentence */
  readonly message: string;
  /** what to do about it, one imperative sentence */
  readonly mend?: string | undefined;
  readonly problems?: readonly Problem[] | undefined;
}

/** 409 of a save: the file is not at the revision the edit began from. Nothing was written. */
export interface Conflict extends Refusal {
  readonly code: 'conflict';
  readonly theirs: { readonly revision: number; readonly savedAt: number; readonly by: 'app' | 'disk'; readonly document: unknown };
}
