import type { RunEvent } from '../../engine/model/run-event.ts';
import type { MetricHistory, RunStatus } from './run.ts';

/** Page → server over the one WebSocket (`LIVE_PATH`). Checked by `liveRequestSchema`. */
export type LiveRequest =
  /** run events from `after` on (undefined: from now, preceded by `status`, `history`, the run's log and its newest meters) */
  | {
      readonly type: 'watch';
      readonly pipelineId: string;
      readonly runId?: string | undefined;
      readonly after?: number | undefined;
    }
  | { readonly type: 'unwatch'; readonly pipelineId: string }
  | { readonly type: 'tap'; readonly pipelineId: string; readonly node: string; readonly port: string }
  | { readonly type: 'untap'; readonly pipelineId: string; readonly node: string; readonly port: string }
  | { readonly type: 'inspect'; readonly id: number; readonly pipelineId: string; readonly node: string; readonly limit: number };

/** Server → page. A tap lives as long as its socket; after a reconnect the page opens it again. */
export type LiveMessage =
  | { readonly type: 'hello'; readonly version: string; readonly at: number }
  /** after `watch`, and whenever anything but the epoch has changed in it */
  | { readonly type: 'status'; readonly status: RunStatus }
  | { readonly type: 'history'; readonly pipelineId: string; readonly runId: string; readonly history: MetricHistory }
  | { readonly type: 'event'; readonly pipelineId: string; readonly runId: string; readonly event: RunEvent }
  /** events that are no longer kept: the page marks the gap */
  | { readonly type: 'gap'; readonly pipelineId: string; readonly runId: string; readonly from: number; readonly to: number }
  /** to `inspect`; `failed`: why there is no value */
  | { readonly type: 'answer'; readonly id: number; readonly value?: unknown; readonly failed?: string | undefined }
  /** a pipeline file has a new revision (`app`: saved by a page, `disk`: changed outside), or is gone */
  | { readonly type: 'library'; readonly pipelineId: string; readonly revision: number | undefined; readonly by: 'app' | 'disk' };

export const LIVE_PATH = '/api/live';
