import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { isError, type Problem } from '../../engine/model/problem.ts';
import { readPipeline } from '../../engine/plan/read-pipeline.ts';
import { writePipeline } from '../../engine/plan/write-pipeline.ts';
import type { HistoryEntry } from '../protocol/library.ts';

export interface LibraryEntry {
  readonly id: string;
  readonly file: string;
  readonly document: PipelineDocument;
  readonly revision: number;
  readonly savedAt: number;
  readonly by: HistoryEntry['by'];
}

export interface BrokenFile {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly savedAt: number;
}

export type SaveResult =
  { readonly kind: 'saved'; readonly entry: LibraryEntry } | { readonly kind: 'conflict'; readonly theirs: LibraryEntry };

interface Known {
  entry: LibraryEntry;
  digest: string;
}

const KEPT_HISTORY = 200;

/**
 * The pipeline files of a workspace: `<workspace>/pipelines/*.json`, with every earlier revision in `<workspace>/history/<id>/`.
 * Saving needs the revision the edit began from; a file that changed on disk is a new revision, never overwritten unseen.
 */
export class Library {
  readonly #directory: string;
  readonly #history: string;
  readonly #now: () => number;
  readonly #changed: (id: string, revision: number | undefined, by: 'app' | 'disk') => void;
  readonly #known = new Map<string, Known>();
  #broken: BrokenFile[] = [];

  constructor(
    workspace: string,
    now: () => number,
    changed: (id: string, revision: number | undefined, by: 'app' | 'disk') => void,
  ) {
    this.#directory = join(workspace, 'pipelines');
    this.#history = join(workspace, 'history');
    this.#now = now;
    this.#changed = changed;
    mkdirSync(this.#directory, { recursive: true });
    this.refresh();
  }

  get directory(): string {
    return this.#directory;
  }

  get broken(): readonly BrokenFile[] {
    return this.#broken;
  }

  list(): readonly LibraryEntry[] {
    return [...this.#known.values()].map(({ entry }) => entry).toSorted((a, b) => a.document.name.localeCompare(b.document.name));
  }

  get(id: string): LibraryEntry | undefined {
    return this.#known.get(id)?.entry;
  }

  /** Looks at the folder: new, changed and removed files. Called by a timer and before every answer that shows a file. */
  refresh(): void {
    const seen = new Set<string>();
    const broken: BrokenFile[] = [];
    for (const name of readdirSync(this.#directory)
      .filter((file) => file.endsWith('.json') && !file.endsWith('.test.json'))
      .toSorted()) {
      const path = join(this.#directory, name);
      const savedAt = Math.round(statSync(path).mtimeMs);
      const text = readFileSync(path, 'utf8');
      const known = [...this.#known.values()].find(({ entry }) => entry.file === name);
      if (known !== undefined && known.digest === digestOf(text)) {
        seen.add(known.entry.id);
        continue;
      }
      const { document, problems } = readPipeline(text);
      if (document === undefined) {
        broken.push({ file: name, problems, savedAt });
        // an edit in another program may be half done: what was known stays open
        if (known !== undefined) seen.add(known.entry.id);
        continue;
      }
      const twin = this.#known.get(document.id);
      if (twin !== undefined && twin.entry.file !== name && existsSync(join(this.#directory, twin.entry.file))) {
        const message = `${name} has the id of ${twin.entry.file}; two files of one pipeline cannot both be open.`;
        broken.push({
          file: name,
          savedAt,
          problems: [
            { code: 'duplicate_pipeline', severity: 'error', message, mend: 'Give one of them a new id by importing it.' },
          ],
        });
        continue;
      }
      seen.add(document.id);
      this.#remember(
        { id: document.id, file: name, document, revision: this.#nextRevision(document.id), savedAt, by: 'disk' },
        text,
      );
      this.#changed(document.id, this.#known.get(document.id)!.entry.revision, 'disk');
    }
    for (const id of this.#known.keys()) {
      if (seen.has(id)) continue;
      this.#known.delete(id);
      this.#changed(id, undefined, 'disk');
    }
    this.#broken = broken;
  }

  create(document: PipelineDocument, by: HistoryEntry['by'] = 'app'): LibraryEntry {
    const file = this.#freeName(document.name);
    return this.#write(document, file, by);
  }

  save(document: PipelineDocument, baseRevision: number): SaveResult | undefined {
    this.refresh();
    const known = this.#known.get(document.id);
    if (known === undefined) return undefined;
    if (known.entry.revision !== baseRevision) return { kind: 'conflict', theirs: known.entry };
    return { kind: 'saved', entry: this.#write(document, known.entry.file, 'app') };
  }

  remove(id: string): boolean {
    const known = this.#known.get(id);
    if (known === undefined) return false;
    rmSync(join(this.#directory, known.entry.file));
    this.#known.delete(id);
    this.#changed(id, undefined, 'app');
    return true;
  }

  history(id: string): readonly HistoryEntry[] {
    const directory = join(this.#history, id);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
      .map((name) => /^(\d+)-(\d+)-(app|disk|import)\.json$/.exec(name))
      .filter((match) => match !== null)
      .map((match) => {
        const { document } = readPipeline(readFileSync(join(directory, match[0]), 'utf8'));
        return {
          revision: Number(match[1]),
          savedAt: Number(match[2]),
          by: match[3] as HistoryEntry['by'],
          nodes: document?.nodes.length ?? 0,
          edges: document?.edges.length ?? 0,
        };
      })
      .toSorted((a, b) => b.revision - a.revision);
  }

  oldRevision(id: string, revision: number): PipelineDocument | undefined {
    const directory = join(this.#history, id);
    if (!existsSync(directory)) return undefined;
    const name = readdirSync(directory).find((file) => file.startsWith(`${revision}-`));
    return name === undefined ? undefined : readPipeline(readFileSync(join(directory, name), 'utf8')).document;
  }

  /** Atomic: a new file beside it, flushed, then renamed over it. */
  #write(document: PipelineDocument, file: string, by: HistoryEntry['by']): LibraryEntry {
    const text = writePipeline(document);
    const path = join(this.#directory, file);
    const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
    const descriptor = openSync(temporary, 'w');
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    const entry = { id: document.id, file, document, revision: this.#nextRevision(document.id), savedAt: this.#now(), by };
    this.#remember(entry, text);
    this.#changed(document.id, entry.revision, 'app');
    return entry;
  }

  #remember(entry: LibraryEntry, text: string): void {
    this.#known.set(entry.id, { entry, digest: digestOf(text) });
    const directory = join(this.#history, entry.id);
    mkdirSync(directory, { recursive: true });
    const latest = this.#latestHistory(directory);
    // opening a workspace again is no new revision
    if (latest !== undefined && readFileSync(join(directory, latest), 'utf8') === text) return;
    writeFileSync(join(directory, `${entry.revision}-${entry.savedAt}-${entry.by}.json`), text);
    const names = readdirSync(directory).toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10));
    for (const name of names.slice(0, Math.max(0, names.length - KEPT_HISTORY))) rmSync(join(directory, name));
  }

  #latestHistory(directory: string): string | undefined {
    return readdirSync(directory)
      .toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10))
      .at(-1);
  }

  /** Revisions go on over restarts: the history knows the last one. */
  #nextRevision(id: string): number {
    const known = this.#known.get(id);
    if (known !== undefined) return known.entry.revision + 1;
    const directory = join(this.#history, id);
    if (!existsSync(directory)) return 1;
    const latest = this.#latestHistory(directory);
    return latest === undefined ? 1 : parseInt(latest, 10) + 1;
  }

  #freeName(name: string): string {
    const base =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60) || 'pipeline';
    for (let i = 1; ; i++) {
      const file = i === 1 ? `${base}.json` : `${base}-${i}.json`;
      if (!existsSync(join(this.#directory, file))) return file;
    }
  }
}

/** A document from foreign text under a new id; problems that are no errors tell what was mended. */
export function importDocument(text: string): {
  readonly document: PipelineDocument | undefined;
  readonly problems: readonly Problem[];
} {
  const { document, problems } = readPipeline(text);
  if (document === undefined || problems.some(isError)) return { document: undefined, problems };
  return { document: { ...document, id: randomUUID() }, problems };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
