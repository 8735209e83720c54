// docs/kinds/*.md out of the catalogue, and nothing else: what is said there is what the form and the checker use.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import type { AnyDefinition, Port } from '../engine/model/definition.ts';
import { settingFields, type SettingField } from '../engine/plan/settings-schema.ts';
import { catalog } from '../nodes/catalog.ts';

const FOLDER = join(fileURLToPath(new URL('..', import.meta.url)), 'docs', 'kinds');
/** characters of a default that are shown in a table */
const DEFAULT_LENGTH = 80;

/** File name → text, for every kind and the list of them. */
export async function kindPages(): Promise<ReadonlyMap<string, string>> {
  const pages: [string, string][] = [
    ['README.md', list()],
    ...catalog.map((definition): [string, string] => [`${definition.kind}.md`, page(definition)]),
  ];
  return new Map(
    await Promise.all(
      pages.map(async ([name, text]): Promise<[string, string]> => [
        name,
        await format(text, { parser: 'markdown', printWidth: 130, singleQuote: true }),
      ]),
    ),
  );
}

function list(): string {
  const rows = catalog.map(({ kind, title, family, summary }) => `| [${title}](${kind}.md) | ${family} | ${summary} |`);
  return `# Kinds of nodes\n\nMade by \`npm run docs\` from the catalogue.\n\n| kind | family | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function page(definition: AnyDefinition): string {
  const parts = [`# ${definition.title}`, `\`${definition.kind}\` · ${definition.family} · ${definition.summary}`, definition.help];
  const { inputs, outputs } = portsOf(definition);
  parts.push('## Ports', `In: ${portList(inputs)}. Out: ${portList(outputs)}.`, '## Settings', settingsTable(definition));
  parts.push('## After a crash', definition.guarantee);
  for (const { title, settings, inputs: given, outputs: made } of definition.examples) {
    if (Object.keys(made).length === 0) continue;
    parts.push(`## Example: ${title}`, fence(settings), 'In:');
    parts.push(given.map(({ rows }) => lines(rows)).join('\n\n'));
    for (const [port, rows] of Object.entries(made)) parts.push(`Out at \`${port}\`:`, lines(rows));
  }
  return `${parts.join('\n\n')}\n`;
}

/** Of the settings that are nearly all defaults: an example, or nothing set. */
function portsOf(definition: AnyDefinition): { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] } {
  const settings = definition.examples[0]?.settings ?? definition.settings.safeParse({}).data;
  return definition.ports((settings ?? {}) as never);
}

function portList(ports: readonly Port[]): string {
  return ports.length === 0 ? 'none' : ports.map(({ name }) => `\`${name}\``).join(', ');
}

function settingsTable(definition: AnyDefinition): string {
  const rows = settingFields(definition).filter(({ meta }) => typeof meta['title'] === 'string');
  return ['| setting | meaning | default |', '|---|---|---|', ...rows.map(settingRow)].join('\n');
}

function settingRow({ path, meta }: SettingField): string {
  const said = [meta['title'], meta['help']].filter((part) => typeof part === 'string').join('. ');
  const unit = typeof meta['unit'] === 'string' ? ` (${meta['unit']})` : '';
  const name = path.join('.').replaceAll('.[]', '[]');
  const choices = Array.isArray(meta['enum']) ? ` One of ${meta['enum'].map((value) => `\`${String(value)}\``).join(', ')}.` : '';
  return `| \`${name}\` | ${cell(`${said}${unit}${choices}`)} | ${Object.hasOwn(meta, 'default') ? defaultCell(meta['default']) : ''} |`;
}

function defaultCell(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > DEFAULT_LENGTH ? '…' : `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function fence(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;
}

function lines(rows: readonly unknown[]): string {
  return `\`\`\`jsonl\n${rows.map((row) => JSON.stringify(row)).join('\n')}\n\`\`\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const pages = await kindPages();
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) if (!pages.has(name)) rmSync(join(FOLDER, name));
  for (const [name, text] of pages) writeFileSync(join(FOLDER, name), text);
  console.log(`docs/kinds: ${pages.size} pages`);
}
