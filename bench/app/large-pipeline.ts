import type { PipelineDocument } from '../../engine/model/pipeline.ts';

const ID = '7e1e0000-0000-4000-8000-00000000ba9c';
/** nodes of one chain between the generator and its chart */
const CHAIN = 10;
const [WIDE, HIGH] = [200, 150];

/** One generator, and chains of derivations that each end in a chart, until there are `count` nodes. All rows pass all nodes. */
export function largePipeline(count: number, rate: number): PipelineDocument {
  const chains = Math.ceil((count - 1) / (CHAIN + 1));
  const nodes: { id: string; kind: string; name: string; settings: Record<string, unknown> }[] = [
    { id: 'events', kind: 'generator', name: 'Events', settings: { rate, seed: 1, backfill: '0s' } },
  ];
  const edges: { from: string; to: string }[] = [];
  const places: Record<string, { x: number; y: number }> = { events: { x: 0, y: Math.floor(chains / 2) * HIGH } };
  for (let chain = 0; chain < chains; chain++) {
    let from = 'events.chat';
    for (let step = 0; step <= CHAIN && nodes.length < count; step++) {
      const last = step === CHAIN || nodes.length === count - 1;
      const id = last ? `chart_${chain}` : `derive_${chain}_${step}`;
      nodes.push(
        last
          ? { id, kind: 'chart', name: `Chart ${chain}`, settings: { as: 'table', points: 50 } }
          : {
              id,
              kind: 'derive',
              name: `Step ${chain}.${step}`,
              settings: { columns: [{ name: `c${step}`, expression: `length(value) + ${step}` }] },
            },
      );
      places[id] = { x: (step + 1) * WIDE, y: chain * HIGH };
      edges.push({ from, to: `${id}.in` });
      from = `${id}.out`;
    }
  }
  return {
    telemetra: 1,
    id: ID,
    name: `${count} nodes`,
    description: 'Made by the benchmark of the app.',
    nodes,
    edges,
    layout: { nodes: places, groups: [], comments: [] },
  } as PipelineDocument;
}
