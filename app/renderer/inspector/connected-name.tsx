import { useContext, useState } from 'react';
import { api } from '../../protocol/api.ts';
import { ask, Refused } from '../run/client.ts';
import { formatShort } from '../ui/figures.ts';
import { Icon } from '../ui/icon.tsx';
import { FormContext } from './form-context.ts';
import type { SettingProps } from './setting-props.ts';

interface Offer {
  readonly name: string;
  readonly note: string;
}

/** A topic or table of the node's connection: what is there is offered, a new name may be typed. */
export function ConnectedName({ schema, value, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const [said, setSaid] = useState('');
  const [open, setOpen] = useState(false);
  const connection = String(context.node.settings['connection'] ?? schema.service ?? '');
  const now = String(value ?? '');
  const wrong = context.problems.some((problem) => problem.field === path && problem.severity === 'error');
  const look = async () => {
    setOpen(true);
    try {
      if (schema.widget === 'topic') {
        const topics = await ask(api.topics, {}, { connection });
        setOffers(
          topics.map((topic) => ({ name: topic.name, note: `${topic.partitions} partitions, ${formatShort(topic.messages)}` })),
        );
      } else {
        const tables = await ask(api.tables, {}, { connection });
        setOffers(tables.map((table) => ({ name: table.name, note: `${table.columns.length} columns` })));
      }
      setSaid('');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setSaid(error.refusal.message);
    }
  };
  const found = offers.filter((offer) => now === '' || offer.name.includes(now) || offers.some((other) => other.name === now));
  return (
    <div className="field-input">
      <div className={`field${wrong ? ' error' : ''}`}>
        <input
          id={id}
          className="mono"
          value={now}
          aria-label={title}
          spellCheck={false}
          autoComplete="off"
          onFocus={() => void look()}
          onBlur={() => setOpen(false)}
          onChange={(event) => context.set(path, event.target.value, title)}
        />
        <Icon name="chevron-down" />
      </div>
      {open && (found.length > 0 || said !== '') && (
        <ul className="pop offers" role="listbox">
          {said !== '' && <li className="cap">{said}</li>}
          {found.map((offer) => (
            <li
              key={offer.name}
              role="option"
              aria-selected={offer.name === now}
              onPointerDown={(event) => {
                event.preventDefault();
                context.set(path, offer.name, title);
                setOpen(false);
              }}
            >
              <span className="mono clip grow">{offer.name}</span>
              <span className="cap">{offer.note}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
