import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Checked } from '../../app/protocol/check.ts';
import type { App } from './start-app.ts';

/** Round trips of `check` over HTTP, as the page makes them while somebody types: each one changes one node's expression. */
export async function checkTimes(
  app: App,
  document: PipelineDocument,
  edits: number,
): Promise<{ readonly firstMs: number; readonly medianMs: number; readonly p95Ms: number }> {
  const derivations = document.nodes.map((node, index) => ({ node, index })).filter(({ node }) => node.kind === 'derive');
  const times: number[] = [];
  let present = document;
  for (let edit = 0; edit <= edits; edit++) {
    if (edit > 0) {
      // early and late nodes in turn: an early one changes everything after it
      const { node, index } = derivations[(edit * 37) % derivations.length]!;
      const columns = [{ name: 'typed', expression: `length(value) * ${edit}` }];
      present = { ...present, nodes: present.nodes.with(index, { ...node, settings: { ...node.settings, columns } }) };
    }
    const began = performance.now();
    const checked = await app.ask<Checked>('POST', '/api/check', { document: present, revision: edit });
    times.push(performance.now() - began);
    const errors = checked.problems.filter((problem) => problem.severity === 'error');
    if (errors.length > 0) throw new Error(`the benchmark's drawing is wrong: ${JSON.stringify(errors.slice(0, 3))}`);
  }
  const sorted = times.slice(1).toSorted((a, b) => a - b);
  return { firstMs: times[0]!, medianMs: sorted[sorted.length >> 1]!, p95Ms: sorted[Math.floor(sorted.length * 0.95)]! };
}
