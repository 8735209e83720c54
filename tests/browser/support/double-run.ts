import type { NodeMeter, PartitionMeter, RunEvent, TapRow } from '../../../engine/model/run-event.ts';

/** A run that never computes anything: counters that grow at set rates, so that the page has something to show. Seeded, no clock of its own. */

interface Course {
  /** rows a second out of each port */
  readonly out: readonly number[];
  readonly in: number;
  readonly state?: number;
  readonly p99: number;
  readonly partitions?: number;
  readonly sink?: boolean;
  /** rows leave every so many seconds */
  readonly every?: number;
}

const COURSES: Readonly<Record<string, Course>> = {
  chat: { in: 3412, out: [3412], p99: 0.3, partitions: 3 },
  sentiment: { in: 3412, out: [3412], p99: 0.4 },
  window_chat: { in: 3412, out: [4, 248, 0], p99: 3.1, state: 32_925_286, every: 10 },
  join: { in: 8, out: [4, 0, 0], p99: 0.9, state: 65_536, every: 10 },
  chat_spikes: { in: 4, out: [4, 0.0106], p99: 0.2, state: 22_528, every: 10 },
  chat_summary_minute: { in: 4, out: [], p99: 9, sink: true, every: 10 },
  live_metrics: { in: 248, out: [], p99: 2, sink: true },
  moments: { in: 0.0044, out: [], p99: 6, sink: true },
  recent_moments: { in: 0.0044, out: [], p99: 2, sink: true },
  viewer_timeseries: { in: 240, out: [], p99: 9, sink: true },
  transactions_table: { in: 18.6, out: [], p99: 7, sink: true },
  streams: { in: 0, out: [], p99: 0, sink: true },
  window_viewers: { in: 240, out: [4, 12, 0], p99: 0.7, state: 262_144, every: 10 },
  viewer_spikes: { in: 4, out: [4, 0.003], p99: 0.2, state: 22_528, every: 10 },
  all_moments: { in: 0.0044, out: [0.0044], p99: 0.1 },
  viewer: { in: 240, out: [240], p99: 0.2, partitions: 1 },
  transactions: { in: 18.6, out: [18.6], p99: 0.2, partitions: 1 },
  stream_meta: { in: 0, out: [0], p99: 0, partitions: 1 },
  last_values: { in: 0, out: [0], p99: 0, state: 22_528 },
};

type Body<E> = E extends RunEvent ? Omit<E, 'seq' | 'at'> : never;

export class DoubleRun {
  seq = 0;
  epoch = 11_200;
  state: 'running' | 'paused' | 'stopped' | 'failed' = 'running';
  /** reading of these nodes is held back, for this reason */
  readonly heldBy = new Map<string, string>();
  readonly #chatPartitions: number;
  #seed = 7;
  #seconds = 0;
  #counts = new Map<string, { in: number; out: number[]; late: number; dead: number; held: number }>();
  #offsets = new Map<string, number>();

  constructor(chatPartitions = 3) {
    this.#chatPartitions = chatPartitions;
  }

  random(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#seed / 2_147_483_648;
  }

  event(at: number, body: Body<RunEvent>): RunEvent {
    return { seq: ++this.seq, at, ...body } as RunEvent;
  }

  /** Counters `dt` seconds later, at wall clock `at` (ms); `failing`: one sink is held. */
  step(dt: number, at: number, failing: boolean, nodes: readonly string[]): Readonly<Record<string, NodeMeter>> {
    if (this.state === 'running') this.#seconds += dt;
    const meters: Record<string, NodeMeter> = {};
    for (const node of nodes) {
      const course = COURSES[node] ?? { in: 0, out: [0], p99: 0 };
      let count = this.#counts.get(node);
      if (count === undefined) {
        const start = Math.round(course.in * 11_000);
        this.#counts.set(
          node,
          (count = {
            in: start,
            out: course.out.map((rate) => Math.round(rate * 11_000)),
            late: node === 'window_chat' ? 1204 : 0,
            dead: node === 'chat' ? 128 : 0,
            held: 0,
          }),
        );
      }
      const held = failing && node === 'viewer_timeseries';
      if (this.state === 'running') {
        const wobble =
          1 +
          0.12 * (this.random() - 0.5) +
          0.25 * Math.max(0, Math.sin(this.#seconds / 23) - 0.86) * 7 * (node === 'chat' ? 1 : 0);
        const rows = course.in * dt * wobble;
        count.in += rows;
        if (held) count.held += rows;
        course.out.forEach((rate, port) => {
          count.out[port]! += rate * dt * wobble;
        });
      }
      const total = Math.floor(count.in);
      const late = Math.floor(count.late);
      const waits = Math.floor(count.held);
      const behind = node === 'viewer' || node === 'join' ? 129 : 122;
      const bursts = course.every === undefined ? 1 : course.every * 40;
      meters[node] = {
        ledger: { in: total, used: total - late - count.dead - waits, filtered: 0, late, dead: count.dead, held: waits },
        out: count.out.map((rows, port) => (port === 0 && bursts > 1 ? Math.floor(rows / 40) * 40 : Math.floor(rows))),
        watermark: (at - behind * 1000) * 1000,
        busyMs: this.#seconds,
        batchP99Ms: course.p99 * (0.95 + 0.1 * this.random()),
        stateBytes: course.state ?? 0,
        ...(this.heldBy.has(node) ? { heldBy: this.heldBy.get(node) } : {}),
        ...(course.partitions === undefined
          ? {}
          : { lag: Math.round(course.in * 1.4), partitions: this.#partitions(node, course, dt, at) }),
        ...(course.sink === true
          ? {
              outbox: { epochs: held ? 8 : 0, bytes: waits * 330, waiting: held ? 'Table is locked, retry in 2 s' : undefined },
              guarantee:
                node.includes('metrics') || node.startsWith('recent')
                  ? { level: 'effectively-once', because: 'fenced, absolute values' }
                  : { level: 'exactly-once', because: 'fence row in the same transaction' },
            }
          : {}),
      };
    }
    return meters;
  }

  #partitions(node: string, course: Course, dt: number, at: number): PartitionMeter[] {
    const quiet = course.in === 0;
    const partitions = node === 'chat' ? this.#chatPartitions : course.partitions!;
    return Array.from({ length: partitions }, (_, partition) => {
      const key = `${node}/${partition}`;
      const rows = quiet || this.state !== 'running' ? 0 : (course.in / partitions) * dt * (0.6 + 0.8 * this.random());
      const offset = (this.#offsets.get(key) ?? 12_770_000) + rows;
      this.#offsets.set(key, offset);
      const delay = node === 'viewer' ? 8800 : node === 'transactions' ? 3100 : 900 + partition * 250;
      const newest = (at - delay) * 1000;
      const late = node === 'chat' && this.random() < 0.06 * dt * 4;
      return {
        partition,
        offset: Math.floor(offset),
        lag: Math.round(course.in * 0.4),
        watermark: quiet ? undefined : newest - 120_000_000,
        newest: quiet ? undefined : newest,
        idle: quiet,
        late: ([402, 519, 283][partition] ?? 0) * (node === 'chat' ? 1 : 0),
        ...(late ? { lateAt: [newest - 120_000_000 - this.random() * 60_000_000] } : {}),
      };
    });
  }

  tapRows(node: string, at: number, count: number): TapRow[] {
    const streams = ['night_radio', 'chess_blitz', 'speedrun_lab', 'rocket_watch', 'cooking_live', 'pixel_garden'];
    const words = [
      'the drop is insane KEKW KEKW',
      'wait is that mate in 3',
      'PogChamp PogChamp perfect skip',
      'GG what a launch PogChamp',
      'audio is bad again',
      'that looks amazing, what oil is it?',
      'love the palette catJAM',
      'louder PogChamp',
    ];
    return Array.from({ length: count }, () => {
      const stream = streams[Math.floor(this.random() * streams.length)]!;
      const partition = Math.floor(this.random() * 3);
      const offset = 12_770_000 + Math.floor(this.random() * 1000);
      const time = (at - 900 - Math.floor(this.random() * 400)) * 1000;
      const stamp = new Date(time / 1000).toISOString();
      const raw = node === 'chat' || node === 'sentiment';
      const values = raw
        ? {
            timestamp: stamp,
            stream_id: stream,
            user_id: `user_${Math.floor(this.random() * 99_999)}`,
            message: words[Math.floor(this.random() * words.length)],
            emotes: this.random() < 0.6 ? ['KEKW'] : [],
            bits: this.random() < 0.04 ? 100 : null,
            sentiment: Math.round((this.random() * 2 - 0.7) * 100) / 100,
          }
        : {
            stream_id: stream,
            window_start: stamp,
            window_end: stamp,
            chat_count: Math.floor(this.random() * 9000),
            unique_chatters: Math.floor(this.random() * 5000),
            top_emotes: ['KEKW', 'PogChamp'],
            sentiment_score: 0.31,
            chat_rate: Math.round(this.random() * 1500) / 10,
          };
      return { time, source: 'chat', partition, offset, values };
    });
  }

  windows(at: number): unknown {
    const now = at * 1000;
    const hop = 10_000_000;
    const last = Math.floor(now / hop) * hop;
    const windows = Array.from({ length: 18 }, (_, index) => {
      const start = last - (17 - index) * hop;
      return { startUs: start, endUs: start + 60_000_000, rows: 3400, keys: 40 };
    }).filter((window) => window.endUs > now - 122_000_000);
    return { open: 720, keys: 40, windows };
  }
}
