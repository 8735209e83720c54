import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { checkStore } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { edgeKey, nodeOf } from '../document/pipeline-draft.ts';
import { focusField, reveal, revealEdge } from '../document/selection-store.ts';
import { feed } from '../run/live-feed.ts';
import { holder, idleFor, meterOf, readingOf } from '../run/readings.ts';
import { runStore } from '../run/run-store.ts';
import { runAction } from '../ui/actions.ts';
import { Button } from '../ui/button.tsx';
import { formatCount, formatLag, plural } from '../ui/figures.ts';
import { HealthMark, type Health } from '../ui/health.tsx';
import { showDock } from '../ui/layout-store.ts';
import { ScrollRegion } from '../ui/scroll-region.tsx';

interface Line {
  readonly key: string;
  readonly health: Health;
  readonly word: string;
  readonly node: string;
  readonly what: string;
  readonly next: string;
  readonly act: { readonly title: string; readonly run: () => void } | undefined;
}

const ORDER: readonly Health[] = ['bad', 'warn', 'you', 'late', 'still'];

/** What needs somebody, worst first: problems of the drawing, faults of the run, changes, late rows, idle sources. */
export function ProblemsPanel() {
  const document = useStore(documentStore, (state) => state.document);
  const checked = useStore(checkStore, (state) => state.checked);
  const status = useStore(runStore, (state) => state.status);
  const [live, setLive] = useState<readonly Line[]>([]);
  const title = (id: string) => document.nodes.find((node) => node.id === id)?.name || id;

  useEffect(() => {
    const look = () => {
      const lines = document.nodes.flatMap((node) =>
        liveLines(
          node.id,
          document.edges.some((edge) => edge.from === `${node.id}.late`),
        ),
      );
      setLive((old) => (JSON.stringify(old) === JSON.stringify(lines) ? old : lines));
    };
    look();
    return feed.on('second')(look);
  }, [document]);

  const name = (place: string) => {
    const edge = document.edges.find((entry) => edgeKey(entry) === place);
    return edge === undefined ? title(place) : `${title(nodeOf(edge.from))} to ${title(nodeOf(edge.to))}`;
  };
  // an empty canvas is a beginning, no mistake
  const problems = document.nodes.length === 0 ? [] : (checked?.problems ?? []);
  const drawn = problems.map((problem, index): Line => ({
    key: `p${index}`,
    health: problem.severity === 'error' ? 'bad' : 'warn',
    word: problem.severity === 'error' ? 'cannot run' : 'warning',
    node: problem.node ?? problem.edge ?? '',
    what: problem.message,
    next: problem.mend ?? '',
    act:
      problem.node === undefined
        ? problem.edge === undefined
          ? undefined
          : { title: 'Show', run: () => revealEdge(problem.edge!) }
        : {
            title: 'Show',
            run: () =>
              problem.field === undefined ? reveal(problem.node!) : focusField(problem.node!, problem.field, problem.position),
          },
  }));
  const differing = (checked?.difference?.nodes ?? []).map((change): Line => ({
    key: `d${change.node}`,
    health: 'you',
    word: 'differs',
    node: change.node,
    what: change.words,
    next: `Apply swaps it at the next epoch. ${change.stateWords}`,
    act: { title: 'Apply', run: () => runAction('run.apply') },
  }));
  const failed: readonly Line[] =
    status?.state === 'failed'
      ? [
          {
            key: 'failed',
            health: 'bad',
            word: 'failed',
            node: status.cause?.node ?? '',
            what: status.cause?.message ?? `The runner ended with exit code ${status.exitCode ?? 'unknown'}.`,
            next:
              status.cause?.mend ??
              `The last epoch is ${formatCount(status.epoch)}; nothing before it is lost. Start goes on from there.`,
            act: { title: 'Log', run: () => showDock('log') },
          },
        ]
      : [];
  const lines = [...failed, ...drawn, ...live, ...differing].toSorted((a, b) => ORDER.indexOf(a.health) - ORDER.indexOf(b.health));
  if (lines.length === 0) {
    return (
      <div className="nothing">
        <b>No problem</b>
        <span>The drawing can run, every row is accounted for.</span>
      </div>
    );
  }
  return (
    <ScrollRegion label="Rows">
      <table className="problems">
        <colgroup>
          <col style={{ width: 110 }} />
          <col style={{ width: 170 }} />
          <col />
          <col style={{ width: 130 }} />
        </colgroup>
        <thead>
          <tr>
            <th>Health</th>
            <th>Node</th>
            <th>What happened, what became of the rows, what to do</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key}>
              <td>
                <HealthMark health={line.health}>{line.word}</HealthMark>
              </td>
              <td>
                <button type="button" className="med clip" onClick={() => line.act?.run()}>
                  {name(line.node)}
                </button>
              </td>
              <td title={`${line.what} ${line.next}`}>
                {line.what}
                <span className="cap">{line.next}</span>
              </td>
              <td className="num">
                {line.act !== undefined && (
                  <Button small onClick={line.act.run}>
                    {line.act.title}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function liveLines(node: string, lateWired: boolean): readonly Line[] {
  const meter = meterOf(node);
  const reading = readingOf(node);
  const lines: Line[] = [];
  if (meter === undefined) return lines;
  if (reading.health === 'bad')
    lines.push({
      key: `bad${node}`,
      health: 'bad',
      word: 'held',
      node,
      what: `${reading.words}.`,
      next: `${plural(meter.ledger.held, 'row')} wait in the outbox. Nothing is lost and other sinks go on.`,
      act: { title: 'Log', run: () => showDock('log') },
    });
  const held = holder();
  if (held?.node === node && reading.health === 'warn') {
    const behind = feed.metersAt === undefined || held.meter.newest === undefined ? 0 : feed.metersAt - held.meter.newest / 1000;
    lines.push({
      key: `hold${node}`,
      health: 'warn',
      word: 'slow',
      node,
      what: `${node}/${held.partition} holds the watermark.`,
      next: `Its newest event is ${formatLag(Math.max(0, behind))} old. Final rows come later by as much; after its idle time of silence it is not waited for.`,
      act: { title: 'Show lane', run: () => showDock('event-time') },
    });
  } else if (reading.health === 'warn')
    lines.push({
      key: `warn${node}`,
      health: 'warn',
      word: 'held',
      node,
      what: `${reading.words}.`,
      next: 'Reading waits until there is room; nothing is lost.',
      act: undefined,
    });
  if (meter.ledger.late > 0)
    lines.push({
      key: `late${node}`,
      health: 'late',
      word: 'late',
      node,
      what: `${plural(meter.ledger.late, 'row')} came too late.`,
      next: lateWired
        ? 'They are counted and leave by port late.'
        : 'They are counted and go nowhere. To keep them, wire port late to a sink.',
      act: { title: 'Show', run: () => reveal(node) },
    });
  if (reading.health === 'still')
    lines.push({
      key: `idle${node}`,
      health: 'still',
      word: 'idle',
      node,
      what: `No event for ${idleFor(node) ?? 'a while'}, all of it read.`,
      next: 'Not waited for. The next event brings it back; nothing to do.',
      act: { title: 'Show lane', run: () => showDock('event-time') },
    });
  return lines;
}
