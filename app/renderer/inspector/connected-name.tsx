import { useContext, useState } from 'react';
import { api } from '../../protocol/api.ts';
import { ask, Refused } from '../run/client.ts';
import { formatShort, plural } from '../ui/figures.ts';
import { FormContext } from './form-context.ts';
import { OfferInput, type Offer } from './offer-input.tsx';
import type { SettingProps } from './setting-props.ts';

/** A topic or table of the node's connection: what is there is offered, a new name may be typed. */
export function ConnectedName({ schema, value, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const [said, setSaid] = useState('');
  const connection = String(context.node.settings['connection'] ?? schema.service ?? '');
  const set = (next: string) => context.set(path, next, title);
  const look = async () => {
    try {
      if (schema.widget === 'topic') {
        const topics = await ask(api.topics, {}, { connection });
        setOffers(
          topics.map(({ name, partitions, messages }) => ({
            name,
            note: `${plural(partitions, 'partition')}, ${formatShort(messages)}`,
          })),
        );
      } else {
        const tables = await ask(api.tables, {}, { connection });
        setOffers(tables.map(({ name, columns }) => ({ name, note: plural(columns.length, 'column') })));
      }
      setSaid('');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setSaid(error.refusal.message);
    }
  };
  return (
    <OfferInput
      free
      id={id}
      label={title}
      value={String(value ?? '')}
      wrong={context.problems.some((problem) => problem.field === path && problem.severity === 'error')}
      offers={offers}
      said={said}
      onOpen={() => void look()}
      onChange={set}
      onPick={set}
    />
  );
}
