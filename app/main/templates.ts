import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import { must } from '../../engine/model/assert.ts';
import { readPipeline } from '../../engine/plan/read-pipeline.ts';
import type { TemplateEntry } from '../protocol/catalog.ts';
import { Refused } from './refused.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A pipeline that comes with Telemetra; the copy gets an id and a name of its own. */
export function readTemplate(directory: string, name: string): PipelineDocument {
  const file = join(directory, `${name}.json`);
  if (!NAME.test(name) || !existsSync(file)) throw new Refused('not_found', `There is no template "${name}".`);
  return must(readPipeline(readFileSync(file, 'utf8')).document, `template ${name} is a pipeline`);
}

/** Every template with what its card shows: texts, places of the nodes, edges. */
export function templateEntries(directory: string, catalog: readonly AnyDefinition[]): readonly TemplateEntry[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.test.json'))
    .toSorted()
    .map((file): TemplateEntry => {
      const name = file.slice(0, -'.json'.length);
      const document = readTemplate(directory, name);
      return {
        name,
        title: document.name,
        summary: document.description,
        nodes: document.nodes.length,
        needs: [],
        picture: {
          nodes: document.nodes.map((node, i) => ({
            id: node.id,
            family: catalog.find((definition) => definition.kind === node.kind)?.family ?? 'transform',
            x: document.layout.nodes[node.id]?.x ?? i * 200,
            y: document.layout.nodes[node.id]?.y ?? 0,
          })),
          edges: document.edges.map(({ from, to }) => ({
            from: from.slice(0, from.indexOf('.')),
            to: to.slice(0, to.indexOf('.')),
          })),
        },
      };
    });
}
