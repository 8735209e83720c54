import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createDecoder, inferSourceSchema } from '../engine/decode/decoder.ts';
import type { Layout, PhysicalField } from '../engine/model/batch.ts';
import type { DecodeSpec } from '../engine/model/decode-spec.ts';
import type { RawBatch } from '../engine/stream/connector.ts';

/** ns per event of the chat stream through the decoder, beside JSON.parse of the same bytes in the same run. CPU time, so that neighbours disturb less. */
const ROUNDS = 12;
const BATCH = 2048;
const COPIES = 20;

const lines = gunzipSync(readFileSync(new URL('../tests/fixtures/seed/chat.jsonl.gz', import.meta.url)));
const spec: DecodeSpec = {
  format: 'json',
  schema: JSON.parse(readFileSync(new URL('../pipelines/schemas/chat_message.json', import.meta.url), 'utf8')) as unknown,
  eventTime: 'timestamp',
  timeUnits: {},
  decimals: {},
  meta: {},
  latenessUs: 120_000_000,
  idleAfterUs: 30_000_000,
  ceiling: false,
};
const wantedAs: Readonly<Record<string, PhysicalField['as']>> = {
  channel: 'dictionary',
  user_id: 'dictionary',
  message: 'bytes',
  emotes: 'list',
  timestamp: 'number',
};
const { schema } = inferSourceSchema(spec);
const layout: Layout = schema!.fields
  .filter((field) => field.name in wantedAs)
  .map((field) => ({ ...field, as: wantedAs[field.name]! }));

function raw(): RawBatch {
  const count = COPIES * lines.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
  const bytes = new Uint8Array(lines.length * COPIES + 8);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  let row = 0;
  for (let copy = 0; copy < COPIES; copy++) {
    const base = copy * lines.length;
    bytes.set(lines, base);
    for (let from = 0, to = lines.indexOf(10); to >= 0; from = to + 1, to = lines.indexOf(10, from)) {
      start[row] = base + from;
      end[row++] = base + to;
    }
  }
  const offsets = new Float64Array(count).map((_, i) => i);
  return {
    bytes,
    start,
    end,
    partition: 0,
    port: 0,
    count,
    offsets,
    timestamps: undefined,
    keys: undefined,
    headers: undefined,
    next: { offset: count },
    caughtUp: true,
    ended: true,
    logEnd: count,
  };
}

const events = raw();
const decoder = createDecoder(spec, layout);
const text = new TextDecoder();
let dead = 0;
let kept = 0;
const best = { decode: Infinity, parse: Infinity };

/** ns of this process on the CPU */
function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

for (let round = 0; round < ROUNDS; round++) {
  let began = cpuNs();
  for (let from = 0; from < events.count; from += BATCH) {
    kept += decoder.decode(events, from, Math.min(from + BATCH, events.count), { source: 0, partition: 0 }, () => dead++).count;
  }
  best.decode = Math.min(best.decode, (cpuNs() - began) / events.count);
  began = cpuNs();
  for (let row = 0; row < events.count; row++) {
    const event = JSON.parse(text.decode(events.bytes.subarray(events.start[row]!, events.end[row]!))) as { channel: string };
    kept += event.channel.length & 1;
  }
  best.parse = Math.min(best.parse, (cpuNs() - began) / events.count);
}
const size = Math.round((lines.length * COPIES) / events.count);
console.log(
  `${events.count} events of ${size} bytes, best of ${ROUNDS}: decode ${best.decode.toFixed(0)} ns/event, JSON.parse ${best.parse.toFixed(0)} ns/event (${(best.parse / best.decode).toFixed(1)} ×), dead ${dead}, check ${kept}`,
);
