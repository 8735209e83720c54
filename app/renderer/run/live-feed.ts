import type { EpochReport, NodeMeter, RunEvent, RunState } from '../../../engine/model/run-event.ts';
import type { Inspection } from '../../protocol/inspection.ts';
import { LIVE_PATH, type LiveMessage, type LiveRequest } from '../../protocol/live.ts';
import { LaneData } from './lane-data.ts';
import { MetricRing } from './metric-ring.ts';
import { wholeOf } from './read-inspection.ts';
import { runStore } from './run-store.ts';
import { Tap } from './tap.ts';

export interface LogLine {
  readonly at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly node: string | undefined;
  readonly text: string;
  readonly key: string;
}

/** `meters`: ≤ 4 a second · `second`: once a second · `epoch` · `log` · `tap:node.port` · `library` */
export type Topic = 'meters' | 'second' | 'epoch' | 'log' | 'library' | `tap:${string}`;

const KEPT_LINES = 1000;
const STATE_WORDS: Readonly<Record<RunState, string>> = {
  starting: 'Starting.',
  running: 'Running.',
  paused: 'Paused: nothing is read.',
  draining: 'Draining: every window closes.',
  stopping: 'Stopping at the end of an epoch.',
  stopped: 'Stopped.',
  completed: 'Completed: the input is at its end.',
  failed: 'Failed.',
};
const SAMPLE_MS = 990;
const RETRY_MS = [500, 1000, 2000, 3000, 5000] as const;
const ANSWER_WITHIN_MS = 5000;
const INSPECT_MS = 2000;
const INSPECT_LIMIT = 64;

type Library = Extract<LiveMessage, { type: 'library' }>;

/** Everything that moves, outside React: one WebSocket in, typed arrays and listeners out. */
class LiveFeed {
  readonly ring = new MetricRing();
  readonly lane = new LaneData();
  readonly log: LogLine[] = [];
  readonly epochs: EpochReport[] = [];
  readonly taps = new Map<string, Tap>();
  /** newest answers of `inspect`, by node */
  readonly inspections = new Map<string, Inspection>();
  meters: Readonly<Record<string, NodeMeter>> = {};
  /** wall clock of the newest meters, ms; undefined: none in this run */
  metersAt: number | undefined;
  epoch = 0;
  epochAt: number | undefined;
  lastLibrary: Library | undefined;

  #socket: WebSocket | undefined;
  #listeners = new Map<Topic, Set<() => void>>();
  #subscribes = new Map<Topic, (listener: () => void) => () => void>();
  #pipelineId: string | undefined;
  #runId: string | undefined;
  #seq: number | undefined;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #asked = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void; timer: ReturnType<typeof setTimeout> }
  >();
  #nextAsk = 1;
  #nextLine = 1;

  /** The same function for the same topic, so that it can stand in an effect's dependencies. */
  on(topic: Topic): (listener: () => void) => () => void {
    let subscribe = this.#subscribes.get(topic);
    if (subscribe === undefined) {
      subscribe = (listener) => {
        let set = this.#listeners.get(topic);
        if (set === undefined) this.#listeners.set(topic, (set = new Set()));
        set.add(listener);
        return () => void set.delete(listener);
      };
      this.#subscribes.set(topic, subscribe);
    }
    return subscribe;
  }

  watch(pipelineId: string): void {
    if (this.#pipelineId === pipelineId) return;
    if (this.#pipelineId !== undefined) this.#send({ type: 'unwatch', pipelineId: this.#pipelineId });
    this.#pipelineId = pipelineId;
    this.#forget();
    this.taps.clear();
    runStore.setState({ pipelineId, status: undefined });
    if (this.#socket === undefined) this.connect();
    else this.#send({ type: 'watch', pipelineId });
  }

  connect(): void {
    clearTimeout(this.#retry);
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${LIVE_PATH}`);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#tries = 0;
      runStore.setState({ link: 'online', goneAt: undefined, nextTryAt: undefined });
      if (this.#pipelineId !== undefined) {
        this.#send({
          type: 'watch',
          pipelineId: this.#pipelineId,
          ...(this.#runId === undefined ? {} : { runId: this.#runId }),
          ...(this.#seq === undefined ? {} : { after: this.#seq }),
        });
        for (const tap of this.taps.values())
          this.#reopen(tap, 'The server was gone; rows that passed meanwhile are counted, not shown.');
      }
    });
    socket.addEventListener('message', (message: MessageEvent<string>) => this.#receive(JSON.parse(message.data) as LiveMessage));
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]!;
      runStore.setState((old) => ({ link: 'gone', goneAt: old.goneAt ?? Date.now(), nextTryAt: Date.now() + wait }));
      this.#retry = setTimeout(() => this.connect(), wait);
    });
  }

  openTap(node: string, port: string): Tap {
    const key = `${node}.${port}`;
    let tap = this.taps.get(key);
    if (tap === undefined) {
      this.taps.set(key, (tap = new Tap(node, port)));
      if (this.#pipelineId !== undefined) this.#send({ type: 'tap', pipelineId: this.#pipelineId, node, port });
    }
    tap.users++;
    return tap;
  }

  closeTap(node: string, port: string): void {
    const key = `${node}.${port}`;
    const tap = this.taps.get(key);
    if (tap === undefined || --tap.users > 0) return;
    this.taps.delete(key);
    if (this.#pipelineId !== undefined) this.#send({ type: 'untap', pipelineId: this.#pipelineId, node, port });
  }

  /** What the operator says of itself, for the State tab and the lane. */
  inspect(node: string, limit: number): Promise<unknown> {
    const pipelineId = this.#pipelineId;
    if (pipelineId === undefined || this.#socket?.readyState !== WebSocket.OPEN)
      return Promise.reject(new Error('The server does not answer.'));
    const id = this.#nextAsk++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(new Error('The runner did not answer within 5 s.'));
      }, ANSWER_WITHIN_MS);
      this.#asked.set(id, { resolve, reject, timer });
      this.#send({ type: 'inspect', id, pipelineId, node, limit });
    });
  }

  /** Asks nodes with state what they hold, every two seconds while somebody can see it. */
  keepInspecting(nodes: () => readonly string[]): () => void {
    const timer = setInterval(() => {
      if (document.hidden || this.metersAt === undefined || Date.now() - this.metersAt > INSPECT_MS) return;
      for (const node of nodes()) {
        this.inspect(node, INSPECT_LIMIT).then(
          (value) => {
            const whole = wholeOf(value);
            if (whole === undefined) this.inspections.delete(node);
            else this.inspections.set(node, whole);
          },
          () => void this.inspections.delete(node),
        );
      }
    }, INSPECT_MS);
    return () => clearInterval(timer);
  }

  #send(request: LiveRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #reopen(tap: Tap, why: string): void {
    tap.mark(why);
    if (this.#pipelineId !== undefined) this.#send({ type: 'tap', pipelineId: this.#pipelineId, node: tap.node, port: tap.port });
  }

  #forget(): void {
    this.ring.clear();
    this.lane.clear();
    this.inspections.clear();
    this.log.length = 0;
    this.epochs.length = 0;
    this.meters = {};
    this.metersAt = undefined;
    this.epoch = 0;
    this.epochAt = undefined;
    this.#runId = undefined;
    this.#seq = undefined;
    this.#tell('meters', 'second', 'epoch', 'log');
  }

  #receive(message: LiveMessage): void {
    switch (message.type) {
      case 'hello':
        return;
      case 'status':
        if (message.status.pipelineId !== this.#pipelineId) return;
        if (this.#runId !== undefined && this.#runId !== message.status.runId) {
          this.#seq = undefined;
          for (const tap of this.taps.values())
            this.#reopen(
              tap,
              `Tap opened again after epoch ${message.status.epoch.toLocaleString('en-US')}. Rows that passed unseen are counted.`,
            );
        }
        this.#runId = message.status.runId;
        this.epoch = Math.max(this.epoch, message.status.epoch);
        runStore.setState({ status: message.status });
        this.#tell('meters', 'epoch');
        return;
      case 'history':
        if (message.pipelineId !== this.#pipelineId) return;
        this.ring.fill(message.history);
        this.#tell('second');
        return;
      case 'event':
        if (message.pipelineId === this.#pipelineId) this.#event(message.event);
        return;
      case 'gap':
        if (message.pipelineId !== this.#pipelineId) return;
        for (const tap of this.taps.values()) tap.mark('Some events were not kept; their rows are counted, not shown.');
        return;
      case 'answer': {
        const asked = this.#asked.get(message.id);
        if (asked === undefined) return;
        this.#asked.delete(message.id);
        clearTimeout(asked.timer);
        if (message.failed === undefined) asked.resolve(message.value);
        else asked.reject(new Error(message.failed));
        return;
      }
      case 'library':
        this.lastLibrary = message;
        this.#tell('library');
    }
  }

  #event(event: RunEvent): void {
    this.#seq = event.seq;
    switch (event.type) {
      case 'meters':
        this.meters = event.nodes;
        this.metersAt = event.at;
        this.epoch = event.epoch;
        this.lane.take(event.nodes, event.at);
        if (this.ring.count === 0 || event.at - this.ring.timeAt(0) >= SAMPLE_MS) {
          this.ring.push(event.at, event.nodes);
          this.#tell('second');
        }
        this.#tell('meters');
        return;
      case 'rows': {
        const tap = this.taps.get(`${event.node}.${event.port}`);
        tap?.take(event.rows, event.seen, event.at);
        this.#tell(`tap:${event.node}.${event.port}`);
        return;
      }
      case 'epoch':
        this.epoch = event.report.epoch;
        this.epochAt = event.at;
        this.epochs.push(event.report);
        if (this.epochs.length > 120) this.epochs.shift();
        this.#tell('epoch');
        return;
      case 'line':
        this.#write(event.at, event.level, event.node, event.text);
        return;
      case 'state': {
        const { cause } = event;
        const text = cause === undefined ? STATE_WORDS[event.state] : `${STATE_WORDS[event.state]} ${cause.message}`;
        this.#write(event.at, event.state === 'failed' ? 'error' : 'info', cause?.node, text);
        return;
      }
      case 'answer':
        return;
    }
  }

  #write(at: number, level: LogLine['level'], node: string | undefined, text: string): void {
    this.log.unshift({ at, level, node, text, key: String(this.#nextLine++) });
    if (this.log.length > KEPT_LINES) this.log.length = KEPT_LINES;
    this.#tell('log');
  }

  #tell(...topics: readonly Topic[]): void {
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}

export const feed = new LiveFeed();
