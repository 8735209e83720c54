import type {
  BrowseQuery,
  CheckRequest,
  ConnectRequest,
  CreateRequest,
  DeadQuery,
  EvaluateRequest,
  ImportRequest,
  InferRequest,
  NameRequest,
  RecordRequest,
  ReplayRequest,
  SaveRequest,
  ServiceQuery,
  SessionRequest,
  StartRequest,
  ApplyRequest,
} from './requests.ts';
import type { Catalog } from './catalog.ts';
import type { Checked, Connectable, Evaluated } from './check.ts';
import type { DeadLetter, DeadPage, Inferred, Recorded, Replayed, RowPage, TableEntry, Target, TopicEntry } from './browse.ts';
import type { Exported, HistoryEntry, Imported, Opened, PipelineSummary, Saved } from './library.ts';
import type { Applied, LogEvent, MetricHistory, RunRecord, RunStatus } from './run.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { route } from './route.ts';

type None = undefined;

/**
 * Every route. Authorised by the session cookie, or by `Authorization: Bearer <token>` for scripts. `GET /?token=…` sets the cookie
 * and redirects to `/`; `session` does the same for a page that was handed the token another way.
 */
export const api = {
  session: route<SessionRequest, None>('POST', '/api/session'),
  catalog: route<None, Catalog>('GET', '/api/catalog'),

  pipelines: route<None, readonly PipelineSummary[]>('GET', '/api/pipelines'),
  create: route<CreateRequest, Opened>('POST', '/api/pipelines'),
  /** 422 with every problem when the text is not a pipeline; nothing is run and no connection is opened */
  importText: route<ImportRequest, Imported>('POST', '/api/pipelines/import'),
  open: route<None, Opened>('GET', '/api/pipelines/:id'),
  /** 409 `Conflict` when `baseRevision` is not the file's revision */
  save: route<SaveRequest, Saved>('PUT', '/api/pipelines/:id'),
  remove: route<None, None>('DELETE', '/api/pipelines/:id'),
  rename: route<NameRequest, Saved>('POST', '/api/pipelines/:id/rename'),
  duplicate: route<NameRequest, Opened>('POST', '/api/pipelines/:id/duplicate'),
  history: route<None, readonly HistoryEntry[]>('GET', '/api/pipelines/:id/history'),
  oldRevision: route<None, PipelineDocument>('GET', '/api/pipelines/:id/history/:revision'),
  exportFile: route<None, Exported>('GET', '/api/pipelines/:id/export'),

  check: route<CheckRequest, Checked>('POST', '/api/check'),
  connectable: route<ConnectRequest, Connectable>('POST', '/api/connectable'),
  evaluate: route<EvaluateRequest, Evaluated>('POST', '/api/evaluate'),
  infer: route<InferRequest, Inferred>('POST', '/api/infer'),

  status: route<None, RunStatus | null>('GET', '/api/pipelines/:id/run'),
  runs: route<None, readonly RunRecord[]>('GET', '/api/pipelines/:id/runs'),
  metrics: route<None, MetricHistory>('GET', '/api/pipelines/:id/metrics'),
  /** of the present or last run, oldest first */
  log: route<None, readonly LogEvent[]>('GET', '/api/pipelines/:id/log'),
  start: route<StartRequest, RunStatus>('POST', '/api/pipelines/:id/run/start'),
  pause: route<None, RunStatus>('POST', '/api/pipelines/:id/run/pause'),
  resume: route<None, RunStatus>('POST', '/api/pipelines/:id/run/resume'),
  drain: route<None, RunStatus>('POST', '/api/pipelines/:id/run/drain'),
  stop: route<None, RunStatus>('POST', '/api/pipelines/:id/run/stop'),
  kill: route<None, RunStatus>('POST', '/api/pipelines/:id/run/kill'),
  /** saves nothing; 422 when it cannot run, 409 `not_now` when a needed choice is missing: both before anything stops */
  apply: route<ApplyRequest, Applied>('POST', '/api/pipelines/:id/run/apply'),

  dead: route<DeadQuery, DeadPage>('GET', '/api/pipelines/:id/dead'),
  deadLetter: route<None, DeadLetter>('GET', '/api/pipelines/:id/dead/:letter'),
  replay: route<ReplayRequest, Replayed>('POST', '/api/pipelines/:id/dead/replay'),
  targets: route<None, readonly Target[]>('GET', '/api/pipelines/:id/targets'),
  /** newest rows of what the sink `:node` writes: table rows, keys with their values, messages, points of a view */
  target: route<BrowseQuery, RowPage>('GET', '/api/pipelines/:id/targets/:node'),
  record: route<RecordRequest, Recorded>('POST', '/api/pipelines/:id/record'),

  topics: route<ServiceQuery, readonly TopicEntry[]>('GET', '/api/topics'),
  topic: route<BrowseQuery, RowPage>('GET', '/api/topics/:connection/:name'),
  tables: route<ServiceQuery, readonly TableEntry[]>('GET', '/api/tables'),
  table: route<BrowseQuery, RowPage>('GET', '/api/tables/:connection/:name'),
  keys: route<BrowseQuery, RowPage>('GET', '/api/keys/:connection'),

  resetDemo: route<None, None>('POST', '/api/demo/reset'),
} as const;

export type Api = typeof api;
