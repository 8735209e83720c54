import type { RunEvent } from '../../engine/model/run-event.ts';
import { isAlive } from './run-moves.ts';
import { NotNow, type Supervisor } from './supervisor.ts';

interface Asked {
  readonly pipelineId: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (why: Error) => void;
}

/** Questions to runners about what a node holds, and their answers. */
export class Inspections {
  readonly #supervisor: Supervisor;
  readonly #asked = new Map<number, Asked>();
  #next = 1;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    supervisor.listen({
      status: ({ pipelineId, state }) => {
        if (!isAlive(state)) this.#giveUp(pipelineId);
      },
      event: (_pipelineId, _runId, event) => this.#answer(event),
    });
  }

  /** `{ lane, state }` of each instance, of its lists the newest `limit` entries. Rejects with a sentence when nothing runs. */
  ask(pipelineId: string, node: string, limit: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#asked.set(id, { pipelineId, resolve, reject });
      if (this.#supervisor.command(pipelineId, { type: 'inspect', id, node, limit })) return;
      this.#asked.delete(id);
      reject(new NotNow('The pipeline is not running.', 'Start it, then ask again.'));
    });
  }

  #answer(event: RunEvent): void {
    if (event.type !== 'answer') return;
    this.#asked.get(event.id)?.resolve(event.value);
    this.#asked.delete(event.id);
  }

  /** Nobody is left to answer. */
  #giveUp(pipelineId: string): void {
    for (const [id, asked] of this.#asked) {
      if (asked.pipelineId !== pipelineId) continue;
      this.#asked.delete(id);
      asked.reject(new NotNow('The pipeline has ended.', 'Start it, then ask again.'));
    }
  }
}
