import { useRef } from 'react';
import { feed } from '../run/live-feed.ts';
import { isBalanced, meterOf } from '../run/readings.ts';
import { formatCount } from '../ui/figures.ts';
import { HealthShape } from '../ui/health.tsx';
import { useLive } from '../ui/live.tsx';

const FATES = ['in', 'used', 'filtered', 'late', 'dead', 'held'] as const;

/** [E6] Every row that came in has one fate; the bar shows their shares. */
export function LedgerPanel({ node }: { node: string }) {
  const panel = useRef<HTMLElement>(null);
  useLive(feed.on('meters'), () => {
    const meter = meterOf(node);
    const element = panel.current;
    if (element === null) return;
    element.hidden = meter === undefined;
    if (meter === undefined) return;
    for (const fate of FATES) {
      const cell = element.querySelector<HTMLElement>(`[data-fate="${fate}"]`)!;
      const text = formatCount(meter.ledger[fate]);
      if (cell.textContent !== text) cell.textContent = text;
      const look =
        meter.ledger[fate] === 0 ? 't3' : fate === 'late' ? 'late' : fate === 'dead' ? 'bad' : fate === 'held' ? 'warn' : '';
      if (cell.className !== look) cell.className = look;
      if (fate === 'late') cell.previousElementSibling!.className = look;
      const bar = element.querySelector<HTMLElement>(`[data-bar="${fate}"]`);
      // a fate that is there is seen, however small its share
      if (bar !== null)
        bar.style.flex = meter.ledger[fate] === 0 ? '0 0 0' : `${meter.ledger[fate] / Math.max(1, meter.ledger.in)} 0 6px`;
    }
    const balanced = isBalanced(meter);
    const mark = element.querySelector<HTMLElement>('.hs')!;
    mark.className = `hs ${balanced ? 'ok' : 'bad'}`;
    mark.lastElementChild!.textContent = balanced ? 'Balanced' : 'Not balanced';
  });
  return (
    <section ref={panel} className="ledger" aria-label="Ledger">
      <div className="row">
        <span className="med grow">Ledger</span>
        <span className="hs">
          <HealthShape health="ok" />
          <span />
        </span>
      </div>
      <div className="fate" aria-hidden>
        {FATES.slice(1).map((fate) => (
          <i key={fate} data-bar={fate} className={`bar-${fate}`} />
        ))}
      </div>
      <dl className="eq">
        {FATES.map((fate) => (
          <div key={fate}>
            <dt>{fate === 'used' ? '= used' : fate}</dt>
            <dd data-fate={fate} />
          </div>
        ))}
      </dl>
    </section>
  );
}
