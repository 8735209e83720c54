import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { PipelineDocument } from '../../../engine/model/pipeline.ts';
import type { Problem } from '../../../engine/model/problem.ts';
import type { LiveMessage, LiveRequest } from '../../../app/protocol/live.ts';
import type { RunMove, RunStatus } from '../../../app/protocol/run.ts';
import { LIVE_PATH } from '../../../app/protocol/live.ts';
import { chartDouble, deadDouble, historyDouble, tableDouble, targetsDouble } from './double-browse.ts';
import { readBody, serve, type Body } from './double-http.ts';
import { doubleCatalog } from './double-catalog.ts';
import { checkDouble, connectableDouble, demo, differenceDouble } from './double-pipeline.ts';
import { DoubleRun } from './double-run.ts';

/**
 * The protocol without a server behind it: the built page, a library in memory and a run whose numbers are made up.
 * Test code only: it lets the page's own behaviour be tested and looked at.
 */
export interface Double {
  readonly url: string;
  readonly documents: Map<string, { document: PipelineDocument; revision: number; savedAt: number }>;
  readonly run: DoubleRun;
  /** one sink is held from now on */
  fail(on: boolean): void;
  /** the run is over, for this reason */
  end(cause: Problem): void;
  close(): Promise<void>;
}

export interface DoubleOptions {
  readonly port?: number;
  readonly failing?: boolean;
  readonly empty?: boolean;
  readonly document?: PipelineDocument;
  /** nothing runs, something has run */
  readonly stopped?: boolean;
  readonly chatPartitions?: number;
}

export async function startDouble(options: DoubleOptions = {}): Promise<Double> {
  const catalog = doubleCatalog();
  const documents: Double['documents'] = new Map();
  const first =
    options.document ??
    (options.empty ? { ...demo, name: 'untitled', nodes: [], edges: [], layout: { nodes: {}, groups: [], comments: [] } } : demo);
  documents.set(first.id, { document: first, revision: 12, savedAt: Date.now() - 420_000 });
  let failing = options.failing ?? false;
  let running: PipelineDocument | undefined = options.empty ? undefined : first;
  const run = new DoubleRun(options.chatPartitions);
  if (options.empty || options.stopped) run.state = 'stopped';
  const startedAt = Date.now() - 11_220_000;
  let changedAt = startedAt;
  const sockets = new Set<WebSocket>();
  const taps = new Set<string>();

  const moves = (): RunMove[] =>
    run.state === 'running'
      ? ['pause', 'drain', 'stop', 'apply']
      : run.state === 'paused'
        ? ['resume', 'drain', 'stop']
        : ['start'];
  let cause: Problem | undefined;
  const status = (): RunStatus => ({
    runId: 'run-1',
    pipelineId: first.id,
    state: run.state,
    revision: 12,
    planHash: 'd0ub1e',
    startedAt,
    changedAt,
    epoch: run.epoch,
    nodes: running?.nodes.length ?? 0,
    cause,
    exitCode: undefined,
    moves: moves(),
  });
  const send = (message: LiveMessage) => {
    const text = JSON.stringify(message);
    for (const socket of sockets) socket.send(text);
  };
  const event = (body: Parameters<DoubleRun['event']>[1]) =>
    send({ type: 'event', pipelineId: first.id, runId: 'run-1', event: run.event(Date.now(), body) });

  const STEP_MS = 250;
  const names = () => running?.nodes.map((node) => node.id) ?? [];
  let ticks = 0;
  const timer = setInterval(() => {
    if (running === undefined || run.state === 'stopped') return;
    ticks++;
    event({ type: 'meters', nodes: run.step(STEP_MS / 1000, Date.now(), failing, names()), epoch: run.epoch });
    if (run.state !== 'running') return;
    if (ticks % 4 === 0)
      event({ type: 'epoch', report: { epoch: ++run.epoch, tookMs: 12, bytes: 900_000, stateBytes: 50_541_363, balanced: true } });
    for (const tap of taps) {
      const [node = '', port = ''] = tap.split('.');
      event({ type: 'rows', node, port, seen: 853, rows: run.tapRows(node, Date.now(), 5) });
    }
    if (ticks % 40 === 1)
      event({ type: 'line', level: 'info', node: 'chat_summary_minute', text: `Epoch ${run.epoch} pushed: 40 rows in 9 ms.` });
  }, STEP_MS);

  const server = createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    if (!url.pathname.startsWith('/api/')) return serve(url.pathname, response);
    const body = await readBody(request);
    const [answer, code] = api(request.method ?? 'GET', url, body);
    response.writeHead(code, { 'content-type': 'application/json' }).end(answer === undefined ? '' : JSON.stringify(answer));
  }

  function api(method: string, url: URL, body: Body): [unknown, number] {
    const parts = url.pathname.split('/').slice(2);
    const [area, id, part, tail] = parts;
    if (area === 'catalog') return [catalog, 200];
    if (area === 'check') return [checkDouble(body.document, body.revision, catalog, running), 200];
    if (area === 'connectable') return [connectableDouble(body.document, body.from ?? '', catalog), 200];
    if (area === 'evaluate')
      return [{ type: 'float', problem: undefined, value: 148.3, of: 'Last final window, night_radio' }, 200];
    if (area === 'infer')
      return [
        {
          schema: {
            type: 'object',
            required: ['message', 'timestamp'],
            properties: { message: { type: 'string' }, timestamp: { type: 'string' } },
          },
          samples: 500,
          settings: { event_time: 'timestamp' },
          notes: [],
        },
        200,
      ];
    if (area === 'topics')
      return [
        id === undefined
          ? [{ name: 'telemetra.events.chat', partitions: 3, messages: 38_311_420, newestAt: Date.now() }]
          : tableDouble('topic'),
        200,
      ];
    if (area === 'tables')
      return [id === undefined ? [{ name: 'chat_summary_minute', columns: [], key: [] }] : tableDouble(part ?? ''), 200];
    if (area === 'pipelines' && id === undefined) {
      if (method === 'GET') {
        return [
          [...documents.values()].map(({ document, revision, savedAt }) => ({
            id: document.id,
            name: document.name,
            description: document.description,
            file: `${document.name}.json`,
            revision,
            savedAt,
            nodes: document.nodes.length,
            run: document.id === first.id ? status() : undefined,
          })),
          200,
        ];
      }
      const document: PipelineDocument = {
        ...demo,
        id: crypto.randomUUID(),
        name: body.name,
        ...(body.template === undefined ? { nodes: [], edges: [], layout: { nodes: {}, groups: [], comments: [] } } : {}),
      };
      documents.set(document.id, { document, revision: 1, savedAt: Date.now() });
      return [opened(document.id), 200];
    }
    if (area === 'pipelines' && id === 'import') {
      try {
        const document = { ...(JSON.parse(body.text) as PipelineDocument), id: crypto.randomUUID() };
        if (!Array.isArray(document.nodes)) throw new Error('no nodes');
        documents.set(document.id, { document, revision: 1, savedAt: Date.now() });
        return [{ ...opened(document.id), problems: [] }, 200];
      } catch {
        return [
          {
            code: 'not_valid',
            message: 'This is no pipeline file.',
            mend: 'Check that it is JSON with "telemetra": 1.',
            problems: [
              {
                code: 'file_no_json',
                severity: 'error',
                message: 'The text is not JSON: character 1.',
                mend: 'Paste the whole file.',
              },
            ],
          },
          422,
        ];
      }
    }
    if (area === 'pipelines' && id !== undefined) return pipeline(method, id, part, tail, url, body);
    return [{ code: 'not_found', message: 'There is no such route.' }, 404];
  }

  function opened(id: string): object {
    const entry = documents.get(id)!;
    return {
      document: entry.document,
      revision: entry.revision,
      savedAt: entry.savedAt,
      file: `${entry.document.name}.json`,
      run: id === first.id && running !== undefined ? status() : undefined,
      running: id === first.id ? running : undefined,
    };
  }

  function pipeline(
    method: string,
    id: string,
    part: string | undefined,
    tail: string | undefined,
    url: URL,
    body: Body,
  ): [unknown, number] {
    const entry = documents.get(id);
    if (entry === undefined) return [{ code: 'not_found', message: 'This pipeline is gone.' }, 404];
    if (part === undefined && method === 'GET') return [opened(id), 200];
    if (part === undefined && method === 'PUT') {
      if (body.baseRevision !== entry.revision)
        return [
          {
            code: 'conflict',
            message: 'The file has changed.',
            theirs: { revision: entry.revision, savedAt: entry.savedAt, by: 'disk', document: entry.document },
          },
          409,
        ];
      documents.set(id, { document: body.document, revision: entry.revision + 1, savedAt: Date.now() });
      return [{ revision: entry.revision + 1, savedAt: Date.now() }, 200];
    }
    if (part === undefined && method === 'DELETE') {
      documents.delete(id);
      return [undefined, 200];
    }
    if (part === 'duplicate') {
      const copy = { ...entry.document, id: crypto.randomUUID(), name: body.name };
      documents.set(copy.id, { document: copy, revision: 1, savedAt: Date.now() });
      return [opened(copy.id), 200];
    }
    if (part === 'targets') {
      if (tail === undefined) return [targetsDouble(entry.document.nodes), 200];
      const charted = entry.document.nodes.find((node) => node.id === tail)?.kind === 'chart';
      return [charted ? chartDouble() : tableDouble(tail), 200];
    }
    if (part === 'dead')
      return tail === 'replay' ? [{ sent: 33, late: 4 }, 200] : [deadDouble(url.searchParams.get('code') ?? undefined), 200];
    if (part === 'runs') return [historyDouble(startedAt), 200];
    if (part === 'history')
      return [
        [
          {
            revision: entry.revision,
            savedAt: entry.savedAt,
            by: 'app',
            nodes: entry.document.nodes.length,
            edges: entry.document.edges.length,
          },
        ],
        200,
      ];
    if (part === 'record')
      return [{ file: 'stream-moments.moments.test.json', inputRows: 200, expectedRows: 12, command: 'npx telemetra test' }, 200];
    if (part === 'export')
      return [
        {
          text: JSON.stringify(entry.document, null, 2),
          file: `${entry.document.name}.json`,
          commands: [
            { title: 'With the embedded stand-ins', command: `npx telemetra run ${entry.document.name}.json` },
            { title: 'With real services', command: `npx telemetra run ${entry.document.name}.json --services env` },
          ],
          environment: ['KAFKA_BOOTSTRAP_SERVERS', 'POSTGRES_HOST', 'REDIS_URL'],
        },
        200,
      ];
    if (part === 'run') {
      if (tail === 'start') {
        running = body.document;
        run.state = 'running';
      } else if (tail === 'pause') run.state = 'paused';
      else if (tail === 'resume') run.state = 'running';
      else if (tail === 'stop' || tail === 'drain' || tail === 'kill') run.state = 'stopped';
      else if (tail === 'apply') {
        const difference = differenceDouble(running!, body.document);
        running = body.document;
        send({ type: 'status', status: status() });
        return [{ status: status(), difference, gapMs: 400 }, 200];
      }
      changedAt = Date.now();
      send({ type: 'status', status: status() });
      return [status(), 200];
    }
    return [{ code: 'not_found', message: 'There is no such route.' }, 404];
  }

  const live = new WebSocketServer({ server, path: LIVE_PATH });
  live.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.send(JSON.stringify({ type: 'hello', version: '0.1.0', at: Date.now() } satisfies LiveMessage));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as LiveRequest;
      if (message.type === 'watch' && message.pipelineId === first.id && running !== undefined) {
        socket.send(JSON.stringify({ type: 'status', status: status() } satisfies LiveMessage));
        if (message.after === undefined)
          socket.send(
            JSON.stringify({ type: 'history', pipelineId: first.id, runId: 'run-1', history: backlog() } satisfies LiveMessage),
          );
      } else if (message.type === 'tap') taps.add(`${message.node}.${message.port}`);
      else if (message.type === 'untap') taps.delete(`${message.node}.${message.port}`);
      else if (message.type === 'inspect') {
        const value = message.node.startsWith('window')
          ? run.windows(Date.now())
          : message.node === 'join'
            ? { keys: 40, waiting: 40 }
            : {
                keys: 40,
                baselines: [
                  { key: 'night_radio', mean: 61.2, stddev: 13.6, rows: 30 },
                  { key: 'chess_blitz', mean: 53.4, stddev: 4.2, rows: 30 },
                ],
              };
        socket.send(JSON.stringify({ type: 'answer', id: message.id, value: [{ lane: '', state: value }] } satisfies LiveMessage));
      }
    });
  });

  /** five minutes of the past */
  function backlog() {
    const seconds = 300;
    const now = Date.now();
    const at: number[] = [];
    const epoch: number[] = [];
    const nodes: Record<
      string,
      {
        in: number[];
        used: number[];
        late: number[];
        dead: number[];
        held: number[];
        out: number[][];
        watermark: (number | null)[];
        batchP99Ms: number[];
        stateBytes: number[];
        lag: (number | null)[];
      }
    > = {};
    for (let second = 0; second < seconds; second++) {
      at.push(now - (seconds - second) * 1000);
      epoch.push(run.epoch);
      for (const [node, meter] of Object.entries(run.step(1, at[second]!, failing && second > 292, names()))) {
        const into = (nodes[node] ??= {
          in: [],
          used: [],
          late: [],
          dead: [],
          held: [],
          out: meter.out.map(() => []),
          watermark: [],
          batchP99Ms: [],
          stateBytes: [],
          lag: [],
        });
        into.in.push(meter.ledger.in);
        into.used.push(meter.ledger.used);
        into.late.push(meter.ledger.late);
        into.dead.push(meter.ledger.dead);
        into.held.push(meter.ledger.held);
        meter.out.forEach((rows, port) => into.out[port]!.push(rows));
        into.watermark.push(meter.watermark ?? null);
        into.batchP99Ms.push(meter.batchP99Ms);
        into.stateBytes.push(meter.stateBytes);
        into.lag.push(meter.lag ?? null);
      }
    }
    return { at, epoch, nodes };
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    documents,
    run,
    fail: (on) => void (failing = on),
    end: (why) => {
      cause = why;
      run.state = 'failed';
      changedAt = Date.now();
      send({ type: 'status', status: status() });
    },
    close: async () => {
      clearInterval(timer);
      for (const socket of sockets) socket.terminate();
      live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const double = await startDouble({
    port: Number(process.argv[2] ?? 4790),
    failing: process.argv.includes('failing'),
    empty: process.argv.includes('empty'),
  });
  console.log(double.url);
}
