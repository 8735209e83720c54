import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { FILE_VERSION } from '../../engine/model/pipeline.ts';
import { compilePipeline } from '../../engine/plan/compile-pipeline.ts';
import { writePipeline } from '../../engine/plan/write-pipeline.ts';
import type { Opened, PipelineSummary } from '../protocol/library.ts';
import type { HandlersOf } from './handlers.ts';
import { importDocument, type LibraryEntry } from './library.ts';
import { Refused } from './refused.ts';
import { entryOf, type Studio } from './studio.ts';
import { readTemplate } from './templates.ts';

type Names =
  | 'pipelines'
  | 'create'
  | 'importText'
  | 'open'
  | 'save'
  | 'remove'
  | 'rename'
  | 'duplicate'
  | 'history'
  | 'oldRevision'
  | 'exportFile';

/** Pipeline files: list, open, save with base revision, history, import, export. */
export function libraryHandlers(studio: Studio): HandlersOf<Names> {
  const { library, supervisor } = studio;
  const opened = (entry: LibraryEntry): Opened => ({
    document: entry.document,
    revision: entry.revision,
    savedAt: entry.savedAt,
    file: entry.file,
    run: supervisor.status(entry.id),
    running: supervisor.running(entry.id),
  });
  const saved = (entry: LibraryEntry): { revision: number; savedAt: number } => ({
    revision: entry.revision,
    savedAt: entry.savedAt,
  });
  const saveOver = (id: string, document: PipelineDocument, baseRevision: number): LibraryEntry => {
    if (document.id !== id) throw new Refused('not_valid', 'The document has another id than the address.');
    const result = library.save(document, baseRevision);
    if (result === undefined)
      throw new Refused('not_found', `There is no pipeline ${id} in this workspace.`, {
        mend: 'It was removed: save it as a new one.',
      });
    if (result.kind === 'saved') return result.entry;
    const { theirs } = result;
    throw new Refused('conflict', 'The file was changed since this edit began; nothing was overwritten.', {
      mend: 'Compare the two, then keep yours or take theirs.',
      theirs: {
        revision: theirs.revision,
        savedAt: theirs.savedAt,
        by: theirs.by === 'disk' ? 'disk' : 'app',
        document: theirs.document,
      },
    });
  };
  return {
    pipelines: () => {
      library.refresh();
      const whole = library.list().map((entry): PipelineSummary => ({
        id: entry.id,
        name: entry.document.name,
        description: entry.document.description,
        file: entry.file,
        revision: entry.revision,
        savedAt: entry.savedAt,
        nodes: entry.document.nodes.length,
        run: supervisor.status(entry.id),
      }));
      const broken = library.broken.map((file): PipelineSummary => ({
        id: file.file,
        name: file.file,
        description: '',
        file: file.file,
        revision: 0,
        savedAt: file.savedAt,
        nodes: 0,
        run: undefined,
        broken: file.problems.map((problem) => problem.message).join(' '),
      }));
      return [...whole, ...broken];
    },
    create: ({ body: { name, template } }) => {
      const document =
        template === undefined ? emptyDocument(name) : { ...readTemplate(studio.templates, template), id: randomUUID(), name };
      return opened(library.create(document));
    },
    importText: ({ body: { text } }) => {
      const { document, problems } = importDocument(text);
      if (document === undefined)
        throw new Refused('not_valid', 'The text is no pipeline file; nothing was imported.', { problems });
      const { problems: unknown } = compilePipeline(document, studio.catalog);
      return {
        ...opened(library.create(document, 'import')),
        problems: [...problems, ...unknown.filter(({ code }) => code === 'unknown_kind')],
      };
    },
    open: ({ path }) => opened(entryOf(studio, path['id']!)),
    save: ({ body, path }) => saved(saveOver(path['id']!, body.document as PipelineDocument, body.baseRevision)),
    remove: ({ path }) => {
      const entry = entryOf(studio, path['id']!);
      if (supervisor.running(entry.id) !== undefined)
        throw new Refused('not_now', 'The pipeline is running, so it cannot be deleted.', { mend: 'Stop it first.' });
      library.remove(entry.id);
      return undefined;
    },
    rename: ({ body: { name }, path }) => {
      const entry = entryOf(studio, path['id']!);
      return saved(saveOver(entry.id, { ...entry.document, name }, entry.revision));
    },
    duplicate: ({ body: { name }, path }) =>
      opened(library.create({ ...entryOf(studio, path['id']!).document, id: randomUUID(), name })),
    history: ({ path }) => library.history(entryOf(studio, path['id']!).id),
    oldRevision: ({ path }) => {
      const document = library.oldRevision(entryOf(studio, path['id']!).id, Number(path['revision']));
      if (document === undefined) throw new Refused('not_found', `Revision ${path['revision']} is not kept.`);
      return document;
    },
    exportFile: ({ path }) => exported(studio, entryOf(studio, path['id']!)),
  };
}

function emptyDocument(name: string): PipelineDocument {
  return {
    telemetra: FILE_VERSION,
    id: randomUUID(),
    name,
    description: '',
    nodes: [],
    edges: [],
    layout: { nodes: {}, groups: [], comments: [] },
  };
}

const ENVIRONMENT: Readonly<Record<'kafka' | 'postgres' | 'redis', readonly string[]>> = {
  kafka: ['BOOTSTRAP_SERVERS'],
  postgres: ['HOST', 'PORT', 'DB', 'USER', 'PASSWORD'],
  redis: ['URL'],
};

/** The canonical file and the exact commands that run it without the app. */
function exported(
  studio: Studio,
  entry: LibraryEntry,
): { text: string; file: string; commands: { title: string; command: string }[]; environment: string[] } {
  const used = new Set<string>();
  for (const node of entry.document.nodes) {
    const definition = studio.catalog.find((candidate) => candidate.kind === node.kind);
    const settings = definition?.settings.safeParse(node.settings);
    const connection = settings?.success === true ? definition?.connection?.(settings.data) : undefined;
    if (connection === undefined) continue;
    for (const name of ENVIRONMENT[connection.service]) used.add(`${connection.name.toUpperCase().replaceAll('-', '_')}_${name}`);
  }
  const environment = [...used];
  const near = (path: string): string => word(relative(process.cwd(), path) || '.');
  // as it stands in this workspace: these commands work as they are shown, where the app was started
  const here = near(join(studio.library.directory, entry.file));
  const assignments = environment.map((name) => `${name}=…`).join(' ');
  return {
    text: writePipeline(entry.document),
    file: entry.file,
    environment,
    commands: [
      {
        title: 'On the stand-ins of this workspace',
        command: `npx telemetra run ${here} --services embedded --workspace ${near(studio.workspace)}`,
      },
      { title: 'On your services', command: `${assignments === '' ? '' : `${assignments} `}npx telemetra run ${word(entry.file)}` },
      { title: 'Check only', command: `npx telemetra check ${here}` },
    ],
  };
}

/** One word of a shell, in quotes where it needs them. */
function word(text: string): string {
  return /^[\w./\\:-]+$/.test(text) ? text : `"${text.replaceAll(/["$`]/g, '\\$&')}"`;
}
