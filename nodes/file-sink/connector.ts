import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../engine/model/fault.ts';
import type { Fence, RefusedRow, SinkContext, SinkModule, SinkWriter } from '../../engine/stream/connector.ts';
import type { Outbox } from '../../engine/stream/operator.ts';
import type { FileSinkSettings } from './definition.ts';

interface Mark extends Fence {
  readonly pipeline: string;
  readonly node: string;
  /** bytes of the file that complete epochs fill */
  readonly length: number;
}

export const sink: SinkModule<FileSinkSettings> = {
  async open(settings, context) {
    const path = resolve(context.baseDirectory, settings.path);
    return guarded(path, () => new FileWriter(path, context));
  },
};

/**
 * `<file>.telemetra` (one SQLite row) says how long the file is when it holds complete epochs only. The file is written and
 * flushed first, then the mark; both under the mark's lock, so that two runners never write at once. What stands behind the
 * mark's length is an epoch that never became complete: it is cut off.
 */
class FileWriter implements SinkWriter {
  readonly guarantee = { level: 'exactly-once', because: 'the file is cut to the last complete epoch at start' } as const;
  readonly #path: string;
  readonly #node: string;
  readonly #pipeline: string;
  readonly #marks: DatabaseSync;
  readonly #file: number;
  /** the file starts over with the first fence that is taken, not before: another sink may still refuse the run */
  #fresh: boolean;

  constructor(path: string, context: SinkContext<unknown>) {
    this.#path = path;
    this.#node = context.nodeId;
    this.#pipeline = context.pipelineId;
    this.#file = openSync(path, 'a+');
    closeSync(this.#file);
    this.#file = openSync(path, 'r+');
    this.#fresh = context.fresh;
    try {
      this.#marks = openMarks(path, context.fresh);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
    try {
      if (!this.#fresh) this.#atomically(() => this.#begin());
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #begin(): void {
    const size = fstatSync(this.#file).size;
    const mark = this.#read();
    if (mark === undefined) {
      if (size === 0) return;
      throw refused(
        this.#path,
        'has content that this pipeline did not write',
        'Name another file, or start with --fresh to overwrite it.',
      );
    }
    if (mark.pipeline !== this.#pipeline || mark.node !== this.#node) {
      throw refused(
        this.#path,
        `was written by node ${mark.node} of another pipeline`,
        'Name another file, or start with --fresh to overwrite it.',
      );
    }
    if (size < mark.length) {
      throw refused(
        this.#path,
        `has ${size} bytes but ${mark.length} were written`,
        'Bring the file back, or start with --fresh to write it again.',
      );
    }
    ftruncateSync(this.#file, mark.length);
  }

  async fence(): Promise<Fence | undefined> {
    const mark = this.#fresh ? undefined : guarded(this.#path, () => this.#read());
    return mark === undefined ? undefined : { lineage: mark.lineage, owner: mark.owner, epoch: mark.epoch };
  }

  async take(expected: Fence | undefined, next: Fence): Promise<void> {
    guarded(this.#path, () =>
      this.#atomically(() => {
        if (this.#fresh) {
          ftruncateSync(this.#file, 0);
          this.#write(next, 0);
          this.#fresh = false;
          return;
        }
        const mark = this.#read();
        const same = mark?.lineage === expected?.lineage && mark?.owner === expected?.owner && mark?.epoch === expected?.epoch;
        if (!same) throw this.#taken();
        this.#write(next, mark?.length ?? 0);
      }),
    );
  }

  async push(fence: Fence, epoch: number, outbox: Outbox): Promise<readonly RefusedRow[]> {
    return guarded(this.#path, () =>
      this.#atomically(() => {
        const mark = this.#read();
        if (mark === undefined || mark.lineage !== fence.lineage || mark.owner !== fence.owner) throw this.#taken();
        if (mark.epoch >= epoch) return [];
        if (mark.epoch !== fence.epoch) {
          throw refused(
            this.#path,
            `holds epoch ${mark.epoch}, but epoch ${fence.epoch} should come before ${epoch}`,
            'Start with --fresh to write it again.',
          );
        }
        for (let at = 0; at < outbox.bytes.length;) {
          at += writeSync(this.#file, outbox.bytes, at, outbox.bytes.length - at, mark.length + at);
        }
        ftruncateSync(this.#file, mark.length + outbox.bytes.length);
        fsyncSync(this.#file);
        this.#write({ ...fence, epoch }, mark.length + outbox.bytes.length);
        return [];
      }),
    );
  }

  async close(): Promise<void> {
    this.#release();
  }

  #release(): void {
    closeSync(this.#file);
    this.#marks.close();
  }

  #taken(): Fault {
    return new Fault('fenced', 'fenced', `Another run writes ${this.#path} now; node ${this.#node} of this one may not.`, {
      mend: 'Stop one of the two runs: a pipeline has one runner at a time.',
    });
  }

  #read(): Mark | undefined {
    return this.#marks.prepare('SELECT pipeline, node, lineage, owner, epoch, length FROM mark').get() as Mark | undefined;
  }

  #write(fence: Fence, length: number): void {
    this.#marks
      .prepare('INSERT OR REPLACE INTO mark (one, pipeline, node, lineage, owner, epoch, length) VALUES (1, ?, ?, ?, ?, ?, ?)')
      .run(this.#pipeline, this.#node, fence.lineage, fence.owner, fence.epoch, length);
  }

  #atomically<T>(work: () => T): T {
    this.#marks.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#marks.exec('COMMIT');
      return result;
    } catch (error) {
      this.#marks.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Opens or makes `<file>.telemetra`. One that is no database is replaced where the file starts over anyway. */
function openMarks(path: string, fresh: boolean): DatabaseSync {
  const marks = new DatabaseSync(`${path}.telemetra`, { timeout: 5_000 });
  try {
    marks.exec(`PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS mark (one INTEGER PRIMARY KEY CHECK (one = 1), pipeline TEXT, node TEXT, lineage TEXT, owner INTEGER, epoch INTEGER, length INTEGER)`);
    return marks;
  } catch (error) {
    marks.close();
    if (!fresh || !NOT_A_DATABASE.has((error as { errcode?: number }).errcode ?? 0)) throw error;
    for (const end of ['', '-journal']) rmSync(`${path}.telemetra${end}`, { force: true });
    return openMarks(path, false);
  }
}

/** SQLite: 11 corrupt, 26 not a database */
const NOT_A_DATABASE: ReadonlySet<number> = new Set([11, 26]);

function refused(path: string, what: string, mend: string): Fault {
  return new Fault('refused', 'file_refused', `The file ${path} ${what}.`, { mend });
}

/** Types errors of the file system: a full disk passes, everything else does not get better by itself. */
function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { code, message, errcode } = error as { code?: string; message: string; errcode?: number };
    // SQLite: 5 busy, 10 I/O, 13 full
    const passes = code === 'ENOSPC' || code === 'EDQUOT' || [5, 13].includes((errcode ?? 0) & 0xff);
    if (passes)
      throw new Fault('retry', 'file_full', `The file ${path} cannot be written now: ${message}.`, {
        mend: 'Free space on the disk.',
        cause: error,
      });
    throw new Fault('fatal', 'file_unwritable', `The file ${path} cannot be written: ${message}.`, {
      mend: 'Name a file in a directory that exists and may be written.',
      cause: error,
    });
  }
}
