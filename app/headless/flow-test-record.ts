import { dirname, resolve } from 'node:path';
import { openConnections, type Connections } from '../../connections/connections.ts';
import { systemHost } from '../../engine/host/system-host.ts';
import { Fault } from '../../engine/model/fault.ts';
import { must } from '../../engine/model/assert.ts';
import { formatTimestamp } from '../../engine/model/timestamp.ts';
import type { Plan, Step } from '../../engine/plan/plan.ts';
import type { ByteRanges, RawBatch, SourceReader } from '../../engine/stream/connector.ts';
import { loadKind } from '../../nodes/runtime.ts';
import type { FlowTest, TestMessage } from './flow-test.ts';

/** a recorded test is a file that people read and review */
const MAX_MESSAGES = 20_000;
const POLL_ROWS = 4096;
const POLL_WAIT_MS = 200;

export interface RecordOptions {
  readonly pipelineFile: string;
  readonly seconds: number;
  readonly services: 'env' | 'embedded';
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The raw messages of every source from the last seconds (by the log's time) to the present end; nothing is decoded or committed. */
export async function recordInputs(plan: Plan, options: RecordOptions): Promise<Pick<FlowTest, 'inputs' | 'at'>> {
  const nowMs = systemHost.nowMs();
  const sinceUs = (nowMs - options.seconds * 1000) * 1000;
  const connections = openConnections({ services: options.services, workspace: options.workspace, env: options.env });
  try {
    const inputs: Record<string, TestMessage[]> = {};
    for (const step of plan.steps)
      if (step.role === 'source') inputs[step.node] = await lastMessages(plan, step, sinceUs, nowMs, connections, options);
    if (Object.values(inputs).every((messages) => messages.length === 0)) {
      throw new Fault('refused', 'nothing_to_record', `No source has had a message in the last ${options.seconds} seconds.`, {
        mend: 'Take more seconds, or start what writes to the sources.',
      });
    }
    return { inputs, at: formatTimestamp(nowMs * 1000) };
  } finally {
    await connections.close();
  }
}

async function lastMessages(
  plan: Plan,
  step: Step,
  sinceUs: number,
  nowMs: number,
  connections: Connections,
  options: RecordOptions,
): Promise<TestMessage[]> {
  const { source } = await loadKind(step.kind, 'source');
  const reader = await must(source, `connector of ${step.kind}`).open(step.settings, {
    pipelineId: plan.pipelineId,
    nodeId: step.node,
    connections,
    baseDirectory: dirname(resolve(options.pipelineFile)),
    now: () => nowMs,
    sleep: systemHost.sleep,
    random: systemHost.random,
    signal: new AbortController().signal,
    report: () => undefined,
    positions: new Map(),
    from: { kind: 'time', timeUs: sinceUs },
    bounded: true,
  });
  try {
    return await readToEnd(reader, step.node, sinceUs);
  } finally {
    await reader.close();
  }
}

async function readToEnd(reader: SourceReader, node: string, sinceUs: number): Promise<TestMessage[]> {
  const messages: TestMessage[] = [];
  const done = new Set<number>();
  for (;;) {
    const ask = reader.partitions().filter((partition) => !done.has(partition));
    if (ask.length === 0) return messages;
    for (const batch of await reader.poll(ask, POLL_ROWS, POLL_WAIT_MS)) {
      for (let row = 0; row < batch.count; row++) {
        if (batch.timestamps === undefined || batch.timestamps[row]! >= sinceUs) messages.push(messageOf(batch, row));
      }
      if (batch.ended || batch.caughtUp) done.add(batch.partition);
    }
    if (messages.length > MAX_MESSAGES) {
      throw new Fault(
        'refused',
        'too_much_to_record',
        `${node} has more than ${MAX_MESSAGES} messages in that time; a test should be readable.`,
        {
          mend: 'Take fewer seconds.',
        },
      );
    }
  }
}

function messageOf(batch: RawBatch, row: number): TestMessage {
  const key = textOf(batch.keys, row);
  const headers = textOf(batch.headers, row);
  const timestamp = batch.timestamps?.[row];
  return {
    partition: batch.partition,
    offset: batch.offsets[row]!,
    port: batch.port,
    ...(timestamp === undefined ? {} : { timestamp: formatTimestamp(timestamp) }),
    ...(typeof key === 'string' ? { key } : {}),
    ...(typeof headers === 'string' && headers !== '{}' ? { headers: JSON.parse(headers) as Record<string, unknown> } : {}),
    ...contentOf(batch, row),
  };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function contentOf(ranges: ByteRanges, row: number): Pick<TestMessage, 'text' | 'base64'> {
  if (ranges.start[row]! < 0) return { text: null };
  const bytes = ranges.bytes.subarray(ranges.start[row], ranges.end[row]);
  try {
    return { text: strict.decode(bytes) };
  } catch {
    // bytes that are no text are kept as they are: a broken message must be just as broken in the test
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

function textOf(ranges: ByteRanges | undefined, row: number): string | undefined {
  if (ranges === undefined || ranges.start[row]! < 0) return undefined;
  return Buffer.from(ranges.bytes.subarray(ranges.start[row], ranges.end[row])).toString('utf8');
}
