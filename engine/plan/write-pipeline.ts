import type { AnyDefinition } from '../model/definition.ts';
import type { PipelineDocument, PipelineNode } from '../model/pipeline.ts';
import { settingNames } from './settings-schema.ts';

/**
 * The canonical form of a pipeline file: nodes by id, edges by (from, to), fixed order of keys, two blanks, one node a
 * block, one edge a line, layout apart at the end. The same document always gives the same text, and a moved node
 * changes nothing but one line of the layout. Settings stand in the order of their definition where `catalog` has it.
 */
export function writePipeline(document: PipelineDocument, catalog: readonly AnyDefinition[] = []): string {
  const namesOf = new Map(catalog.map((definition) => [definition.kind, settingNames(definition)]));
  const nodes = document.nodes.toSorted((a, b) => order(a.id, b.id));
  const edges = document.edges.toSorted((a, b) => order(a.from, b.from) || order(a.to, b.to));
  const positions = Object.entries(document.layout.nodes).toSorted(([a], [b]) => order(a, b));
  const lines = [
    '{',
    `  "telemetra": ${document.telemetra},`,
    `  "id": ${json(document.id)},`,
    `  "name": ${json(document.name)},`,
    `  "description": ${json(document.description)},`,
    `  "nodes": ${list(
      nodes.map((node) => indent(nodeText(node, namesOf.get(node.kind) ?? []), 4)),
      2,
    )},`,
    `  "edges": ${list(
      edges.map(({ from, to }) => `    { "from": ${json(from)}, "to": ${json(to)} }`),
      2,
    )},`,
    '  "layout": {',
    `    "nodes": ${members(positions.map(([id, { x, y }]) => `      ${json(id)}: { "x": ${x}, "y": ${y} }`))},`,
    `    "groups": ${list(
      document.layout.groups.toSorted(byId).map((group) => `      ${oneLine(ordered(group, GROUP_KEYS))}`),
      4,
    )},`,
    `    "comments": ${list(
      document.layout.comments.toSorted(byId).map((comment) => `      ${oneLine(ordered(comment, COMMENT_KEYS))}`),
      4,
    )}`,
    '  }',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const GROUP_KEYS = ['id', 'title', 'x', 'y', 'width', 'height'];
const COMMENT_KEYS = ['id', 'text', 'x', 'y', 'width', 'height'];
/** a settings value that fits in this many characters stands on one line */
const LINE = 96;

function nodeText(node: PipelineNode, names: readonly string[]): string {
  const rest = Object.keys(node.settings).filter((key) => !names.includes(key));
  const settings = ordered(node.settings, [...names.filter((key) => Object.hasOwn(node.settings, key)), ...rest]);
  const head = [
    `  "id": ${json(node.id)},`,
    `  "kind": ${json(node.kind)},`,
    ...(node.version === undefined || node.version === 1 ? [] : [`  "version": ${node.version},`]),
    `  "name": ${json(node.name)},`,
  ];
  return ['{', ...head, `  "settings": ${indent(block(settings), 2).trimStart()}`, '}'].join('\n');
}

/** Settings: each member on a line of its own; a value inside on one line where it fits. */
function block(value: unknown): string {
  if (typeof value !== 'object' || value === null) return json(value);
  const entries = Array.isArray(value)
    ? value.map((item) => indent(short(item) ?? block(item), 2))
    : Object.entries(value).map(([key, item]) => `  ${json(key)}: ${indent(short(item) ?? block(item), 2).trimStart()}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return entries.length === 0 ? open + close : `${open}\n${entries.join(',\n')}\n${close}`;
}

function short(value: unknown): string | undefined {
  const text = oneLine(value);
  return text.length <= LINE ? text : undefined;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return json(value);
  const entries = Object.entries(value).map(([key, item]) => `${json(key)}: ${oneLine(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function list(lines: readonly string[], depth: number): string {
  return lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n${' '.repeat(depth)}]`;
}

function members(lines: readonly string[]): string {
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n    }`;
}

function ordered(value: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}

function indent(text: string, by: number): string {
  const blanks = ' '.repeat(by);
  return text
    .split('\n')
    .map((line) => blanks + line)
    .join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return order(a.id, b.id);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
