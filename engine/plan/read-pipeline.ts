import { encodeUtf8 } from '../model/dictionary.ts';
import { MAX_FILE_BYTES } from '../model/file-limit.ts';
import { FILE_VERSION, pipelineSchema, type PipelineDocument } from '../model/pipeline.ts';
import type { Problem } from '../model/problem.ts';
import { mistakesOfJson } from './json-text.ts';
import { migrateFile } from './migrations.ts';
import { mistakesOf, valueAt, type ZodMistake } from './zod-problems.ts';

export interface ReadResult {
  /** present exactly when `problems` holds no error */
  readonly document?: PipelineDocument | undefined;
  readonly problems: readonly Problem[];
}

/** The text of a pipeline file → the document, older versions lifted, or every problem of its form at once. */
export function readPipeline(text: string): ReadResult {
  if (text.length > MAX_FILE_BYTES || encodeUtf8(text).length > MAX_FILE_BYTES) {
    return refuse('file_too_large', `The file is larger than ${MAX_FILE_BYTES / 1_048_576} MiB, the limit for a pipeline file.`, {
      mend: 'Keep data out of the pipeline file: word lists and messages belong in files of their own.',
    });
  }
  const mistakes = mistakesOfJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (mistakes.length > 0) {
    return {
      problems: mistakes.map(({ code, message, line, column }) => ({
        code,
        severity: 'error',
        message: `Line ${line}, column ${column}: ${message}.`,
        mend: JSON_MENDS[code],
      })),
    };
  }
  return readDocument(JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text));
}

/** The same for JSON that is parsed already. */
export function readDocument(json: unknown): ReadResult {
  const version = valueAt(json, ['telemetra']);
  if (typeof json !== 'object' || json === null || Array.isArray(json) || version === undefined) {
    return refuse('not_a_pipeline', 'This JSON is no pipeline file: it has no "telemetra" with the version of the file.', {
      mend: `Open a file that was saved by Telemetra, or begin it with {"telemetra": ${FILE_VERSION}, …}.`,
    });
  }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return refuse(
      'not_a_pipeline',
      `"telemetra" must be the version of the file, a whole number from 1, not ${JSON.stringify(version)}.`,
      {
        field: 'telemetra',
        mend: `Write "telemetra": ${FILE_VERSION}.`,
      },
    );
  }
  if (version > FILE_VERSION) {
    return refuse('newer_version', `The file has version ${version}; this Telemetra reads up to version ${FILE_VERSION}.`, {
      field: 'telemetra',
      mend: 'Open it with a newer Telemetra. Nothing was changed.',
    });
  }
  const lifted = migrateFile(json as Readonly<Record<string, unknown>>, version);
  const parsed = pipelineSchema.safeParse(lifted);
  const problems = [
    ...(parsed.success ? [] : mistakesOf(parsed.error, lifted, knownKeys).map((mistake) => problemOf(mistake, lifted))),
    ...duplicateIds(valueAt(lifted, ['nodes'])),
  ];
  return parsed.success && problems.length === 0 ? { document: parsed.data, problems } : { problems };
}

/** Node ids that stand more than once. */
export function duplicateIds(nodes: unknown): Problem[] {
  if (!Array.isArray(nodes)) return [];
  const count = new Map<string, number>();
  for (const node of nodes) {
    const id = valueAt(node, ['id']);
    if (typeof id === 'string') count.set(id, (count.get(id) ?? 0) + 1);
  }
  return [...count]
    .filter(([, times]) => times > 1)
    .map(([id, times]) => ({
      code: 'duplicate_id',
      severity: 'error',
      node: id,
      message: `${times} nodes have the id "${id}"; edges and stored state could not tell them apart.`,
      mend: 'Give each node an id of its own and correct the edges.',
    }));
}

const JSON_MENDS = {
  not_json: 'Correct the text at this place; a pipeline file is one JSON document.',
  duplicate_key: 'Keep one of the two; which one counts would be a guess.',
  forbidden_key: 'Choose another name, or remove it.',
  too_deep: 'Flatten it; no pipeline needs this.',
} as const;

function refuse(code: string, message: string, more: { field?: string; mend: string }): ReadResult {
  return { problems: [{ code, severity: 'error', message, ...more }] };
}

function problemOf(mistake: ZodMistake, json: unknown): Problem {
  const [part, index, ...inside] = mistake.path;
  if (part === 'nodes' && typeof index === 'number') {
    const id = valueAt(json, ['nodes', index, 'id']);
    const node = typeof id === 'string' && id !== '' ? id : undefined;
    const place = node === undefined ? `Node ${index + 1}` : `Node "${node}"`;
    const badId = inside.length === 1 && inside[0] === 'id' && mistake.what !== 'missing';
    return problem(badId ? 'bad_node_id' : codeOf(mistake), inside, place, mistake, {
      node,
      mend: badId ? 'Rename it, in its edges too; stored state belongs to this id.' : undefined,
    });
  }
  if (part === 'edges' && typeof index === 'number') {
    const from = valueAt(json, ['edges', index, 'from']);
    const to = valueAt(json, ['edges', index, 'to']);
    const edge = `${shown(from)} -> ${shown(to)}`;
    const badEnd = inside.length === 1 && mistake.what === 'wrong';
    return problem(badEnd ? 'bad_edge' : codeOf(mistake), inside, `Edge ${edge}`, mistake, {
      edge,
      mend: badEnd ? 'Name the node and its port, with a point between them.' : undefined,
    });
  }
  const badId = part === 'id' && mistake.what === 'wrong';
  return problem(badId ? 'bad_pipeline_id' : codeOf(mistake), mistake.path, 'The file', mistake, {
    mend: badId ? 'Write a UUID of its own, for instance one made by "Duplicate" or uuidgen.' : undefined,
  });
}

function problem(
  code: string,
  path: readonly PropertyKey[],
  place: string,
  mistake: ZodMistake,
  more: { node?: string | undefined; edge?: string | undefined; mend?: string | undefined },
): Problem {
  const field = path.map(String).join('.');
  const says = field === '' ? mistake.says : `"${field}" ${mistake.says}`;
  return {
    code,
    severity: 'error',
    message: `${place}: ${says}.`,
    ...more,
    field: field === '' ? undefined : field,
    mend: more.mend ?? mistake.mend,
  };
}

function codeOf(mistake: ZodMistake): string {
  switch (mistake.what) {
    case 'missing':
      return 'missing_property';
    case 'unknown':
      return 'unknown_property';
    case 'too_many':
      return 'too_many';
    case 'wrong':
      return 'wrong_property';
  }
}

function shown(end: unknown): string {
  return typeof end === 'string' ? end : '?';
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(pipelineSchema.shape);
  if (path[0] === 'nodes' && path.length === 2) return Object.keys(pipelineSchema.shape.nodes.element.shape);
  if (path[0] === 'edges' && path.length === 2) return Object.keys(pipelineSchema.shape.edges.element.shape);
  return [];
}
