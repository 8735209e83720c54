import { Fault } from '../../engine/model/fault.ts';
import type { RawBatch, SourceReader } from '../../engine/stream/connector.ts';

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

export interface RetryHost {
  sleep(ms: number): Promise<void>;
  random(): number;
  monotonicMs(): number;
  report(level: 'info' | 'warn', text: string): void;
  /** true: the user wants to stop, so waiting ends */
  stopping(): boolean;
}

/** The user stopped the run while it waited for a service. */
export class StoppedWaiting extends Error {
  constructor(cause: unknown) {
    super('stopped while waiting for a service', { cause });
    this.name = 'StoppedWaiting';
  }
}

/** Tries until it works, 100 ms to 10 s apart (E10): one line when the reason changes, one when it works again. */
export async function retrying<T>(what: string, host: RetryHost, giveUpMs: number, work: () => Promise<T>): Promise<T> {
  const started = host.monotonicMs();
  let backoffMs = FIRST_BACKOFF_MS;
  let said: string | undefined;
  for (;;) {
    try {
      const result = await work();
      if (said !== undefined) host.report('info', `${what}: reached again.`);
      return result;
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'retry') throw error;
      // told to stop while waiting: nothing was begun, so this is a clean end
      if (host.stopping()) throw new StoppedWaiting(error);
      const waitedMs = host.monotonicMs() - started;
      if (waitedMs > giveUpMs) {
        throw givenUp(error, giveUpMs);
      }
      if (said !== error.message) host.report('warn', `${what}: ${error.message} Trying again.`);
      said = error.message;
      await host.sleep(backoffMs * (0.5 + host.random() / 2));
      backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
    }
  }
}

/** A reader whose outages are waited out: a poll that fails for now brings nothing, later ones go on where it was. */
export class RetryingReader implements SourceReader {
  readonly #inner: SourceReader;
  readonly #what: string;
  readonly #host: RetryHost;
  #backoffMs = FIRST_BACKOFF_MS;
  #said: string | undefined;
  #downSinceMs = 0;
  readonly #giveUpMs: number;
  readonly committed: SourceReader['committed'];

  constructor(inner: SourceReader, what: string, host: RetryHost, giveUpMs: number) {
    this.#giveUpMs = giveUpMs;
    this.#inner = inner;
    this.#what = what;
    this.#host = host;
    this.committed = inner.committed === undefined ? undefined : (positions) => inner.committed!(positions);
  }

  partitions(): readonly number[] {
    return this.#inner.partitions();
  }

  async poll(ask: readonly number[], maxRows: number, waitMs: number): Promise<readonly RawBatch[]> {
    try {
      const batches = await this.#inner.poll(ask, maxRows, waitMs);
      // a poll without any answer tells nothing of the service
      if (batches.length === 0) return batches;
      if (this.#said !== undefined) this.#host.report('info', `${this.#what}: reading again.`);
      this.#said = undefined;
      this.#backoffMs = FIRST_BACKOFF_MS;
      return batches;
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'retry') throw error;
      // a poll that was under way when its connection was closed is no news
      if (this.#host.stopping()) return [];
      if (this.#said === undefined) this.#downSinceMs = this.#host.monotonicMs();
      if (this.#host.monotonicMs() - this.#downSinceMs > this.#giveUpMs) throw givenUp(error, this.#giveUpMs);
      if (this.#said !== error.message) this.#host.report('warn', `${this.#what}: ${error.message} Nothing is lost; trying again.`);
      this.#said = error.message;
      await this.#host.sleep(this.#backoffMs * (0.5 + this.#host.random() / 2));
      this.#backoffMs = Math.min(MAX_BACKOFF_MS, this.#backoffMs * 2);
      return [];
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function givenUp(fault: Fault, afterMs: number): Fault {
  return new Fault('fatal', fault.code, `${fault.message} Given up after ${Math.round(afterMs / 1000)} s.`, {
    ...(fault.mend === undefined ? {} : { mend: fault.mend }),
    cause: fault,
  });
}
