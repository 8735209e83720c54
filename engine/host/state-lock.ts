import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../model/fault.ts';

/** [E7, E10] One runner per state directory: an open BEGIN EXCLUSIVE, which the kernel frees when the process ends, also by SIGKILL. */
export class StateLock {
  readonly #database: DatabaseSync;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#database = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: 0 });
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      this.#database.close();
      throw new Fault(
        'refused',
        'state_in_use',
        `The state directory ${directory} is in use by another runner; nothing was read or written.`,
        {
          mend: 'Stop the other runner, or give this one a state of its own with --state.',
          cause: error,
        },
      );
    }
  }

  release(): void {
    this.#database.exec('ROLLBACK');
    this.#database.close();
  }
}
