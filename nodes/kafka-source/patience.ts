import { Fault } from '../../engine/model/fault.ts';
import type { SourceContext } from '../../engine/stream/connector.ts';

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 10_000;
/** [E10] a bounded run does not wait longer for its input */
const BOUNDED_PATIENCE_MS = 30_000;

/** Waits out faults of kind `retry`: one line when they begin, one when they end. */
export class Patience {
  readonly #context: SourceContext<unknown>;
  readonly #target: string;
  #backoffMs = FIRST_BACKOFF_MS;
  #since: number | undefined;

  constructor(context: SourceContext<unknown>, target: string) {
    this.#context = context;
    this.#target = target;
  }

  /** After a fault: sleeps and returns, for the caller to try again. */
  async during(body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'retry') throw error;
      await this.#wait(error);
      return;
    }
    if (this.#since === undefined) return;
    this.#context.report(`${this.#context.nodeId}: ${this.#target} answers again.`);
    this.#since = undefined;
    this.#backoffMs = FIRST_BACKOFF_MS;
  }

  async #wait(fault: Fault): Promise<void> {
    const now = this.#context.now();
    if (this.#since === undefined) {
      this.#since = now;
      this.#context.report(`${this.#context.nodeId}: ${fault.message} Trying again until it answers.`);
    }
    if (this.#context.bounded && now - this.#since > BOUNDED_PATIENCE_MS) {
      throw new Fault('fatal', fault.code, `${fault.message} Given up after ${BOUNDED_PATIENCE_MS / 1000} s.`, {
        mend: 'Start the same command again when it answers: nothing is lost.',
        cause: fault,
      });
    }
    await this.#context.sleep(this.#backoffMs * (0.75 + this.#context.random() / 2));
    this.#backoffMs = Math.min(LAST_BACKOFF_MS, this.#backoffMs * 2);
  }
}
