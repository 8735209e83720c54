import type { Context, Operator, Out, SnapshotOut } from '../../../engine/stream/operator.ts';
import type { SessionStore } from '../../kit/sessions.ts';
import type { SlotStore } from '../../kit/slot-store.ts';
import { Combination } from './combination.ts';
import { Groups } from './results.ts';
import type { Half, Shared } from './shared.ts';

const one = new Int32Array(1);
const two = new Int32Array(1);

/** What one partition has of a session. */
interface Part {
  readonly half: Half<SessionStore>;
  readonly slot: number;
}

/** A session over all partitions: parts in the order of combination. */
interface Session {
  readonly parts: Part[];
  key: number;
  start: number;
  last: number;
  end: number;
}

/**
 * Joins the sessions of all partitions and closes them at the node's watermark. For a running window (`out` undefined) there is
 * only the newest session of each key, as interim rows; closing it frees the key.
 */
export class SessionFinal implements Operator {
  readonly #shared: Shared<SessionStore>;
  readonly #context: Context;
  readonly #ports: { readonly out: number | undefined; readonly updates: number };
  readonly #combination: Combination<SessionStore>;
  readonly #scratch: SlotStore;
  /** slots of the scratch store in use, and whose they are */
  #used = 0;
  readonly #slots = new Map<Session, number>();

  constructor(
    shared: Shared<SessionStore>,
    context: Context,
    ports: { readonly out: number | undefined; readonly updates: number },
  ) {
    this.#shared = shared;
    this.#context = context;
    this.#ports = ports;
    this.#combination = new Combination(shared, context);
    this.#scratch = this.#combination.scratch;
  }

  onBatch(): void {
    throw new Error('bug: the final half of a window takes no rows');
  }

  onWatermark(time: number, out: Out): void {
    const finals: Session[] = [];
    const interims: Session[] = [];
    for (const half of this.#shared.halves) {
      for (let slot = half.store.takeEnded(time); slot >= 0; slot = half.store.takeEnded(time)) {
        const sessions = this.#sessionsOf(this.#combination.map.into(half.store.keys)[half.store.keyOf[slot]!]!);
        const session = sessions.find(({ parts }) => parts.some((part) => part.half === half && part.slot === slot))!;
        if (session.end > time) {
          half.store.defer(slot, session.end);
          continue;
        }
        const newest = sessions.every((other) => other.end <= session.end);
        const touched = session.parts.some((part) => part.half.store.isTouched(part.slot));
        const final = this.#ports.out !== undefined;
        const interim = newest && (final || touched);
        if (final) finals.push(session);
        if (interim) interims.push(session);
        if (final || interim) this.#combine(session);
        for (const part of session.parts) part.half.store.free(part.slot);
      }
    }
    this.#send(finals, this.#ports.out === undefined ? [] : [this.#ports.out], out);
    this.#send(interims, [this.#ports.updates], out);
    this.#release();
    this.#combination.renewKeys();
    this.#combination.closed = Math.max(this.#combination.closed, time);
  }

  /** All sessions of a key, oldest span first. */
  #sessionsOf(key: number): Session[] {
    const parts: Part[] = [];
    for (const half of this.#shared.halves) {
      const { store } = half;
      const own = this.#combination.map.back(store.keys)[key] ?? -1;
      if (own < 0 || own >= store.heads.length) continue;
      for (let slot = store.heads[own]!; slot >= 0; slot = store.nexts[slot]!) parts.push({ half, slot });
    }
    parts.sort((a, b) => a.half.store.spanStarts[a.slot]! - b.half.store.spanStarts[b.slot]!);
    const sessions: Session[] = [];
    for (const part of parts) {
      const { store } = part.half;
      const start = store.starts[part.slot]!;
      const last = store.lasts[part.slot]!;
      const open = sessions.at(-1);
      if (open !== undefined && store.spanStarts[part.slot]! < open.end) {
        open.parts.push(part);
        open.start = Math.min(open.start, start);
        open.last = Math.max(open.last, last);
        open.end = Math.max(open.end, store.end(part.slot));
      } else sessions.push({ parts: [part], key, start, last, end: store.end(part.slot) });
    }
    return sessions;
  }

  /** [D2] Parts by time, then by partition, into a fresh slot. */
  #combine(session: Session): void {
    const { parts } = session;
    if (parts.length > 1) {
      parts.sort(
        (a, b) =>
          a.half.store.starts[a.slot]! - b.half.store.starts[b.slot]! ||
          a.half.store.spanStarts[a.slot]! - b.half.store.spanStarts[b.slot]! ||
          a.half.source - b.half.source ||
          a.half.partition - b.half.partition,
      );
    }
    const slot = this.#used++;
    this.#combination.reach(slot);
    one[0] = slot;
    for (const part of parts) {
      two[0] = part.slot;
      const { states } = part.half.store;
      this.#scratch.states.forEach((state, i) => state.combine(one, states[i]!, two, 1));
    }
    this.#slots.set(session, slot);
  }

  /** [W3] By (window end, key bytes). */
  #send(sessions: readonly Session[], ports: readonly number[], out: Out): void {
    if (sessions.length === 0 || ports.length === 0) return;
    const { keys } = this.#scratch;
    const running = this.#ports.out === undefined;
    const at = (session: Session): number => (running ? session.last : session.end - 1);
    const sorted = sessions.toSorted((a, b) => at(a) - at(b) || keys.dictionary.compare(a.key, b.key) || a.start - b.start);
    const groups = new Groups();
    for (const session of sorted) groups.add(session.key, this.#slots.get(session)!, session.start, session.end, at(session));
    // a running window has no final rows that could say what is wrong
    this.#combination.results.send(groups, this.#scratch, ports, out, running || ports.includes(this.#ports.out!));
  }

  #release(): void {
    const all = new Int32Array(this.#used);
    for (let slot = 0; slot < this.#used; slot++) all[slot] = slot;
    this.#scratch.clear(all, this.#used);
    this.#used = 0;
    this.#slots.clear();
  }

  /** The newest session of each key that was touched since the last epoch. */
  onEpoch(out: Out): void {
    this.#combination.endEpoch(this.bytes());
    if (!this.#context.wired(this.#ports.updates)) return;
    const touched = new Set<number>();
    for (const { store } of this.#shared.halves) {
      const into = this.#combination.map.into(store.keys);
      store.takeTouched((slot) => touched.add(into[store.keyOf[slot]!]!));
    }
    const sessions: Session[] = [];
    for (const key of touched) {
      const newest = this.#sessionsOf(key).reduce((a, b) => (b.end > a.end ? b : a));
      this.#combine(newest);
      sessions.push(newest);
    }
    this.#send(sessions, [this.#ports.updates], out);
    this.#release();
  }

  snapshot(out: SnapshotOut): void {
    this.#combination.snapshot(out);
  }

  restore(_key: string, bytes: Uint8Array): void {
    this.#combination.restore(bytes);
  }

  /** Some open sessions, those that may close first in front. µs. */
  inspect(limit: number): unknown {
    let keys = 0;
    let open = 0;
    let next = Infinity;
    const windows: { startUs: number; endUs: number | null; keys: number; rows: number; fraction: number }[] = [];
    for (const { store } of this.#shared.halves) {
      keys += store.liveKeys;
      open += store.live;
      next = Math.min(next, store.nextEnd);
      for (let slot = 0; slot < store.keyOf.length && windows.length < limit * 8; slot++) {
        if (store.keyOf[slot]! < 0) continue;
        const start = store.starts[slot]!;
        const end = store.end(slot);
        const fraction = Number.isFinite(end) ? Math.max(0, Math.min(1, (this.#shared.newest - start) / (end - start))) : 0;
        windows.push({ startUs: start, endUs: Number.isFinite(end) ? end : null, keys: 1, rows: store.rows[slot]!, fraction });
      }
    }
    windows.sort((a, b) => (a.endUs ?? Infinity) - (b.endUs ?? Infinity));
    return {
      open,
      keys,
      bytes: this.bytes(),
      ...this.#combination.cuts(),
      nextCloseUs: Number.isFinite(next) ? next : null,
      windows: windows.slice(0, limit),
    };
  }

  bytes(): number {
    return this.#scratch.bytes();
  }
}
