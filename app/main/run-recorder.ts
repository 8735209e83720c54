import type { NodeMeter, RunEvent } from '../../engine/model/run-event.ts';
import type { LogEvent, MetricHistory, NodeHistory } from '../protocol/run.ts';

const KEPT_EVENTS = 4000;
const KEPT_LINES = 500;
const HISTORY_SECONDS = 15 * 60;

/** a history that grows */
type Growing = {
  -readonly [K in keyof NodeHistory]: NodeHistory[K] extends readonly (readonly number[])[]
    ? number[][]
    : NodeHistory[K] extends readonly (infer E)[]
      ? E[]
      : never;
};

/** Keeps what one run said: the newest events by sequence number, its log, and one sample of the meters a second for 15 minutes. */
export class RunRecorder {
  readonly #events: RunEvent[] = [];
  readonly #log: LogEvent[] = [];
  readonly #at: number[] = [];
  readonly #epoch: number[] = [];
  readonly #nodes = new Map<string, Growing>();
  newest: Extract<RunEvent, { type: 'meters' }> | undefined;
  balanced = true;

  see(event: RunEvent): void {
    // tap rows are for who watches now; keeping them would push out what matters
    if (event.type !== 'rows' && event.type !== 'answer') {
      this.#events.push(event);
      if (this.#events.length > KEPT_EVENTS) this.#events.splice(0, KEPT_EVENTS / 4);
    }
    if (event.type === 'line' || event.type === 'state') {
      this.#log.push(event);
      if (this.#log.length > KEPT_LINES) this.#log.shift();
    }
    if (event.type === 'epoch') this.balanced &&= event.report.balanced;
    if (event.type !== 'meters') return;
    this.newest = event;
    if (event.at - (this.#at.at(-1) ?? 0) >= 1000) this.#sample(event);
  }

  /** Events after `seq`; `gap` when some of them are no longer kept. */
  after(seq: number): {
    readonly gap: { readonly from: number; readonly to: number } | undefined;
    readonly events: readonly RunEvent[];
  } {
    const events = this.#events.filter((event) => event.seq > seq);
    const first = this.#events[0]?.seq ?? seq + 1;
    return { gap: first > seq + 1 ? { from: seq + 1, to: first - 1 } : undefined, events };
  }

  /** Oldest first. */
  log(): readonly LogEvent[] {
    return this.#log;
  }

  history(): MetricHistory {
    return { at: this.#at, epoch: this.#epoch, nodes: Object.fromEntries(this.#nodes) };
  }

  #sample(event: Extract<RunEvent, { type: 'meters' }>): void {
    const samples = this.#at.length;
    this.#at.push(event.at);
    this.#epoch.push(event.epoch);
    for (const [node, meter] of Object.entries(event.nodes)) this.#add(node, meter, samples);
    if (this.#at.length <= HISTORY_SECONDS) return;
    const drop = this.#at.length - HISTORY_SECONDS;
    this.#at.splice(0, drop);
    this.#epoch.splice(0, drop);
    for (const history of this.#nodes.values()) for (const column of columnsOf(history)) column.splice(0, drop);
  }

  #add(node: string, meter: NodeMeter, samples: number): void {
    let history = this.#nodes.get(node);
    if (history === undefined) {
      history = emptyHistory(meter.out.length, samples);
      this.#nodes.set(node, history);
    }
    const { ledger } = meter;
    history.in.push(ledger.in);
    history.used.push(ledger.used);
    history.late.push(ledger.late);
    history.dead.push(ledger.dead);
    history.held.push(ledger.held);
    meter.out.forEach((rows, port) => history.out[port]?.push(rows));
    history.watermark.push(meter.watermark ?? null);
    history.batchP99Ms.push(meter.batchP99Ms);
    history.stateBytes.push(meter.stateBytes);
    history.lag.push(meter.lag ?? null);
  }
}

function columnsOf(history: Growing): unknown[][] {
  const { out, ...rest } = history;
  return [...(Object.values(rest) as unknown[][]), ...out];
}

function emptyHistory(ports: number, samples: number): Growing {
  const zeros = (): number[] => Array.from({ length: samples }, () => 0);
  const none = (): (number | null)[] => Array.from({ length: samples }, () => null);
  return {
    in: zeros(),
    used: zeros(),
    late: zeros(),
    dead: zeros(),
    held: zeros(),
    out: Array.from({ length: ports }, zeros),
    watermark: none(),
    batchP99Ms: zeros(),
    stateBytes: zeros(),
    lag: none(),
  };
}
