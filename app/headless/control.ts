import type { RunCommand, RunEvent } from '../../engine/model/run-event.ts';
import type { RunSay } from '../../engine/stream/run-parts.ts';
import { TapSampler } from '../../engine/stream/tap-sampler.ts';
import { tapRow } from './dead-letters.ts';
import type { Runner } from './runner.ts';

/** Numbers and dates what a run says: gap-free from 1. */
export function numbered(listen: (event: RunEvent) => void, nowMs: () => number): (event: RunSay) => void {
  let seq = 0;
  return (event) => listen({ ...event, seq: ++seq, at: nowMs() } as RunEvent);
}

interface OpenTap {
  readonly sampler: TapSampler;
  readonly close: () => void;
  lastFlushMs: number;
}

/** What a runner can be told while it runs: stop, drain, pause, taps, inspection. */
export class RunControl {
  readonly #runner: Runner;
  readonly #say: (event: RunSay) => void;
  readonly #monotonicMs: () => number;
  readonly #taps = new Map<string, OpenTap>();

  constructor(runner: Runner, say: (event: RunSay) => void, monotonicMs: () => number) {
    this.#runner = runner;
    this.#say = say;
    this.#monotonicMs = monotonicMs;
  }

  obey(command: RunCommand): void {
    switch (command.type) {
      case 'stop':
        return this.#runner.stop();
      case 'drain':
        return this.#runner.drain();
      case 'pause':
        return this.#runner.pause();
      case 'resume':
        return this.#runner.resume();
      case 'tap':
        return this.#tap(command.node, command.port);
      case 'untap':
        return this.#untap(command.node, command.port);
      case 'inspect':
        return this.#inspect(command.id, command.node, command.limit);
    }
  }

  #tap(node: string, port: string): void {
    const { graph } = this.#runner;
    const step = graph?.plan.steps.find((candidate) => candidate.node === node);
    const index = step?.outputPorts.indexOf(port) ?? -1;
    if (graph === undefined || step === undefined || index < 0 || this.#taps.has(`${node}.${port}`)) return;
    const sampler = new TapSampler((batch, layout, row) =>
      tapRow(batch, layout, row, graph.stepOfOrigin(batch.origin.source)?.node ?? node, step.role === 'source'),
    );
    const close = graph.tap(step.index, index, (batch, layout) => sampler.see(batch, layout));
    this.#taps.set(`${node}.${port}`, { sampler, close, lastFlushMs: this.#monotonicMs() });
  }

  #untap(node: string, port: string): void {
    this.#taps.get(`${node}.${port}`)?.close();
    this.#taps.delete(`${node}.${port}`);
  }

  /** Sends what the taps have seen; called a few times a second. */
  flushTaps(): void {
    for (const [edge, tap] of this.#taps) {
      const now = this.#monotonicMs();
      const flushed = tap.sampler.flush(now - tap.lastFlushMs);
      tap.lastFlushMs = now;
      if (flushed === undefined) continue;
      const dot = edge.lastIndexOf('.');
      this.#say({ type: 'rows', node: edge.slice(0, dot), port: edge.slice(dot + 1), ...flushed });
    }
  }

  #inspect(id: number, node: string, limit: number): void {
    const { graph } = this.#runner;
    const step = graph?.plan.steps.find((candidate) => candidate.node === node);
    this.#say({ type: 'answer', id, value: graph === undefined || step === undefined ? null : graph.inspect(step.index, limit) });
  }
}
