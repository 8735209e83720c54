import { durationUs } from '../../engine/model/duration.ts';
import { Fault } from '../../engine/model/fault.ts';
import type { Fence, RefusedRow, SinkContext, SinkModule, SinkWriter } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import { FENCE_PREFIX, type KeyValueStore, type KeyWrite } from '../../connections/redis/key-value-store.ts';
import { outboxLines } from '../kit/outbox-lines.ts';
import { parseKeyTemplate, renderKey, type KeyTemplate } from './core/key-template.ts';
import type { RedisSinkSettings } from './definition.ts';
import { plainText, rowFields } from './row-fields.ts';

interface RedisConnections {
  redis(name: string): Promise<KeyValueStore>;
}

/** of one call: Redis does nothing else meanwhile */
const KEYS_PER_CALL = 1_000;
const BYTES_PER_CALL = 1 << 20;

export const sink: SinkModule<RedisSinkSettings, RedisConnections> = {
  async open(settings, context) {
    const store = await context.connections.redis(settings.connection);
    const writer = new RedisWriter(settings, context, store);
    // rights and reachability are known before the run begins
    await writer.fence();
    return writer;
  },
};

class RedisWriter implements SinkWriter {
  readonly guarantee = {
    level: 'effectively-once',
    because: 'absolute values under a fence, written again when Redis loses them',
  } as const;
  readonly #context: SinkContext<RedisConnections>;
  readonly #store: KeyValueStore;
  readonly #fenceKey: string;
  readonly #ttlMs: number;
  readonly #keys: readonly { readonly target: RedisSinkSettings['keys'][number]; readonly template: KeyTemplate }[];
  #taken = false;
  #lost = false;
  #viewMissing = false;

  constructor(settings: RedisSinkSettings, context: SinkContext<RedisConnections>, store: KeyValueStore) {
    this.#context = context;
    this.#store = store;
    this.#fenceKey = `${FENCE_PREFIX}${context.pipelineId}:${context.nodeId}`;
    this.#ttlMs = settings.ttl === '' ? 0 : durationUs(settings.ttl) / 1000;
    this.#keys = settings.keys.map((target) => ({ target, template: parseKeyTemplate(target.template)! }));
  }

  fence(): Promise<Fence | undefined> {
    return this.#store.readFence(this.#fenceKey);
  }

  async take(expected: Fence | undefined, next: Fence): Promise<void> {
    if (!(await this.#store.takeFence(this.#fenceKey, expected, next))) {
      const now = await this.#store.readFence(this.#fenceKey);
      // an answer that was lost: the fence is already ours
      if (now?.lineage !== next.lineage || now.owner !== next.owner || now.epoch !== next.epoch) throw this.#fenced();
    }
    this.#taken = true;
  }

  /** True once after a push that found Redis empty although this run had written to it: what was there before is gone. */
  lost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  async push(fence: Fence, epoch: number, outbox: Outbox, whole = false): Promise<readonly RefusedRow[]> {
    const calls = cut(this.#writes(outbox));
    for (let i = 0; i < calls.length; i++) {
      const from = this.#viewMissing ? { ...fence, epoch: 0 } : fence;
      // Parts before the last leave the fence where it is: absolute values may be written again after a crash in between.
      // So does everything while the view is missing.
      const to = i < calls.length - 1 || (this.#viewMissing && !whole) ? from.epoch : epoch;
      const answer = await this.#store.write(this.#fenceKey, from, to, calls[i]!, this.#ttlMs);
      if (answer === 'already') break;
      if (answer === 'applied') continue;
      if (answer === 'gap') throw this.#gap(fence.epoch, epoch);
      if (answer === 'fenced' || !this.#taken) throw this.#fenced();
      await this.#beginAgain(fence, whole);
      i = -1;
    }
    if (whole) this.#viewMissing = false;
    return [];
  }

  /** [E5] Redis is empty: the fence begins at epoch 0 and stays there until the whole view has been written. */
  async #beginAgain(fence: Fence, whole: boolean): Promise<void> {
    if (!this.#viewMissing)
      this.#context.report(`${this.#context.nodeId}: Redis (${this.#store.target}) has lost its data; its keys are written again.`);
    await this.take(undefined, { ...fence, epoch: 0 });
    this.#viewMissing = true;
    this.#lost ||= !whole;
  }

  #gap(before: number, epoch: number): Fault {
    return new Fault(
      'refused',
      'fence_gap',
      `Redis does not hold epoch ${before} of node ${this.#context.nodeId}, which comes before ${epoch}.`,
      { mend: 'Restore the state directory that belongs to this Redis, or start with --fresh.' },
    );
  }

  /** The rows of a list stand together, newest first. */
  #writes(outbox: Outbox): KeyWrite[] {
    const writes: KeyWrite[] = [];
    const lists = new Map<string, string[]>();
    for (const line of outboxLines(outbox)) {
      const fields = rowFields(line);
      for (const { target, template } of this.#keys) {
        const key = renderKey(template, (column) => plainText(fields.get(column)) ?? '');
        if (target.type === 'list') {
          let values = lists.get(key);
          if (values === undefined) lists.set(key, (values = []));
          values.push(chosen(fields, target.columns));
        } else writes.push(writeOf(key, target, fields));
      }
    }
    for (const [key, values] of lists) writes.push({ kind: 'list', key, values });
    return writes;
  }

  #fenced(): Fault {
    return new Fault(
      'fenced',
      'fenced',
      `Another run has taken over the sink ${this.#context.nodeId}; this one may not write any more.`,
      {
        mend: 'Stop one of the two runs: a pipeline has one runner at a time.',
      },
    );
  }

  async close(): Promise<void> {
    // the connection belongs to the registry that opened it
  }
}

function writeOf(key: string, target: RedisSinkSettings['keys'][number], fields: ReadonlyMap<string, string>): KeyWrite {
  if (target.type === 'string') {
    const value = plainText(fields.get(target.value));
    return value === undefined ? { kind: 'delete', key } : { kind: 'string', key, value };
  }
  if (target.type === 'json') return { kind: 'string', key, value: chosen(fields, target.columns) };
  const names = target.columns.length > 0 ? target.columns : [...fields.keys()];
  const pairs = names.flatMap((name) => {
    const value = plainText(fields.get(name));
    return value === undefined ? [] : [[name, value] as const];
  });
  return { kind: 'hash', key, fields: pairs };
}

/** A JSON object of the chosen columns, each value as it was written. */
function chosen(fields: ReadonlyMap<string, string>, columns: readonly string[]): string {
  const names = columns.length > 0 ? columns : [...fields.keys()];
  return `{${names.map((name) => `"${name}":${fields.get(name)!}`).join(',')}}`;
}

/** Calls of at most 1,000 keys and 1 MiB (a list that is longer by itself goes alone). At least one, for the fence. */
function cut(writes: readonly KeyWrite[]): readonly (readonly KeyWrite[])[] {
  const calls: KeyWrite[][] = [[]];
  let bytes = 0;
  for (const write of writes) {
    const size = sizeOf(write);
    let call = calls.at(-1)!;
    if (call.length >= KEYS_PER_CALL || (call.length > 0 && bytes + size > BYTES_PER_CALL)) {
      call = [];
      calls.push(call);
      bytes = 0;
    }
    call.push(write);
    bytes += size;
  }
  return calls;
}

function sizeOf(write: KeyWrite): number {
  let size = write.key.length + 32;
  if (write.kind === 'string') size += write.value.length;
  else if (write.kind === 'hash') for (const [name, value] of write.fields) size += name.length + value.length;
  else if (write.kind === 'list') for (const value of write.values) size += value.length;
  return size;
}
