import type { WebSocket } from 'ws';
import type { RunEvent } from '../../engine/model/run-event.ts';
import type { LiveMessage, LiveRequest } from '../protocol/live.ts';
import { liveRequestSchema } from '../protocol/requests.ts';
import type { RunStatus } from '../protocol/run.ts';
import type { Inspections } from './inspections.ts';
import type { RowCache } from './row-cache.ts';
import type { Supervisor } from './supervisor.ts';

/** a page that reads slower than this is not sent meters and rows: the newest come when it has caught up */
const SLOW_BYTES = 4 * 1024 * 1024;

interface Client {
  readonly socket: WebSocket;
  readonly watched: Set<string>;
  /** "pipeline node.port" */
  readonly taps: Set<string>;
}

/** Every page's WebSocket: run events to those who watch, taps as long as somebody looks, answers to inspections. */
export class Live {
  readonly #supervisor: Supervisor;
  readonly #rows: RowCache;
  readonly #version: string;
  readonly #now: () => number;
  readonly #clients = new Set<Client>();
  readonly #inspections: Inspections;

  constructor(supervisor: Supervisor, inspections: Inspections, rows: RowCache, version: string, now: () => number) {
    this.#supervisor = supervisor;
    this.#inspections = inspections;
    this.#rows = rows;
    this.#version = version;
    this.#now = now;
    supervisor.listen({
      status: (status) => this.#status(status),
      event: (pipelineId, runId, event) => this.#event(pipelineId, runId, event),
    });
  }

  readonly accept = (socket: WebSocket): void => {
    const client: Client = { socket, watched: new Set(), taps: new Set() };
    this.#clients.add(client);
    this.#send(client, { type: 'hello', version: this.#version, at: this.#now() });
    socket.on('message', (data) => this.#obey(client, String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#clients.delete(client);
      for (const tap of client.taps) this.#closeTap(tap);
    });
  };

  libraryChanged(pipelineId: string, revision: number | undefined, by: 'app' | 'disk'): void {
    for (const client of this.#clients) this.#send(client, { type: 'library', pipelineId, revision, by });
  }

  #obey(client: Client, text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      client.socket.close(1003, 'not JSON');
      return;
    }
    const parsed = liveRequestSchema.safeParse(json);
    if (!parsed.success) {
      client.socket.close(1003, 'not a request');
      return;
    }
    this.#answer(client, parsed.data as LiveRequest);
  }

  #answer(client: Client, request: LiveRequest): void {
    switch (request.type) {
      case 'watch':
        return this.#watch(client, request.pipelineId, request.runId, request.after);
      case 'unwatch':
        client.watched.delete(request.pipelineId);
        return;
      case 'tap': {
        const tap = tapName(request);
        client.taps.add(tap);
        this.#supervisor.command(request.pipelineId, { type: 'tap', node: request.node, port: request.port });
        return;
      }
      case 'untap': {
        const tap = tapName(request);
        if (client.taps.delete(tap)) this.#closeTap(tap);
        return;
      }
      case 'inspect':
        return this.#inspect(client, request);
    }
  }

  #watch(client: Client, pipelineId: string, runId: string | undefined, after: number | undefined): void {
    client.watched.add(pipelineId);
    const status = this.#supervisor.status(pipelineId);
    const run = this.#supervisor.run(pipelineId);
    if (status === undefined || run === undefined) return;
    this.#send(client, { type: 'status', status });
    if (runId === run.id && after !== undefined) {
      const { gap, events } = run.recorder.after(after);
      if (gap !== undefined) this.#send(client, { type: 'gap', pipelineId, runId: run.id, ...gap });
      for (const event of events) this.#send(client, { type: 'event', pipelineId, runId: run.id, event });
      return;
    }
    this.#send(client, { type: 'history', pipelineId, runId: run.id, history: run.recorder.history() });
    const { newest } = run.recorder;
    const known = newest === undefined ? run.recorder.log() : [...run.recorder.log(), newest];
    for (const event of known.toSorted((a, b) => a.seq - b.seq))
      this.#send(client, { type: 'event', pipelineId, runId: run.id, event });
  }

  #inspect(client: Client, { id, pipelineId, node, limit }: Extract<LiveRequest, { type: 'inspect' }>): void {
    this.#inspections.ask(pipelineId, node, limit).then(
      (value) => this.#send(client, { type: 'answer', id, value }),
      (why: Error) => this.#send(client, { type: 'answer', id, failed: why.message }),
    );
  }

  #status(status: RunStatus): void {
    // a run that has just begun knows nothing of the taps that are open
    if (status.state === 'running')
      for (const tap of this.#openTaps(status.pipelineId)) this.#supervisor.command(status.pipelineId, { type: 'tap', ...tap });
    for (const client of this.#clients) if (client.watched.has(status.pipelineId)) this.#send(client, { type: 'status', status });
  }

  #event(pipelineId: string, runId: string, event: RunEvent): void {
    // answers go to who asked
    if (event.type === 'answer') return;
    this.#rows.see(pipelineId, event);
    for (const client of this.#clients) {
      if (!client.watched.has(pipelineId)) continue;
      if (event.type === 'rows' && !client.taps.has(`${pipelineId} ${event.node}.${event.port}`)) continue;
      if (client.socket.bufferedAmount > SLOW_BYTES && (event.type === 'meters' || event.type === 'rows')) continue;
      this.#send(client, { type: 'event', pipelineId, runId, event });
    }
  }

  #openTaps(pipelineId: string): readonly { readonly node: string; readonly port: string }[] {
    const open = new Set<string>();
    for (const client of this.#clients) for (const tap of client.taps) if (tap.startsWith(`${pipelineId} `)) open.add(tap);
    return [...open].map((tap) => tapOf(tap));
  }

  #closeTap(tap: string): void {
    for (const client of this.#clients) if (client.taps.has(tap)) return;
    this.#supervisor.command(tap.slice(0, tap.indexOf(' ')), { type: 'untap', ...tapOf(tap) });
  }

  #send(client: Client, message: LiveMessage): void {
    if (client.socket.readyState === client.socket.OPEN) client.socket.send(JSON.stringify(message));
  }
}

function tapName({
  pipelineId,
  node,
  port,
}: {
  readonly pipelineId: string;
  readonly node: string;
  readonly port: string;
}): string {
  return `${pipelineId} ${node}.${port}`;
}

function tapOf(tap: string): { readonly node: string; readonly port: string } {
  const end = tap.slice(tap.indexOf(' ') + 1);
  const dot = end.indexOf('.');
  return { node: end.slice(0, dot), port: end.slice(dot + 1) };
}
