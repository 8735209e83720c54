import { useContext, useEffect, useState } from 'react';
import type { SettingSchema } from '../../protocol/catalog.ts';
import { api } from '../../protocol/api.ts';
import { documentStore } from '../document/document-store.ts';
import { setSetting } from '../document/edits.ts';
import { ask, refusalText } from '../run/client.ts';
import { Button } from '../ui/button.tsx';
import { plural } from '../ui/figures.ts';
import { Icon } from '../ui/icon.tsx';
import { Inline } from '../ui/markdown.tsx';
import { toast } from '../ui/toast-store.ts';
import { FormContext } from './form-context.ts';
import { emptyOf, plainOf } from './schema-reading.ts';
import type { DrawSetting, SettingProps } from './setting-props.ts';

/** as many settings of an entry as are readable side by side */
const IN_A_LINE = 2;

/** Entries below each other; an entry that is an object has its settings in a line, or a card of its own when there are more. */
export function ListSetting({ schema, value, path, title, id, draw }: SettingProps & { readonly draw: DrawSetting }) {
  const context = useContext(FormContext)!;
  const list = (Array.isArray(value) ? value : Array.isArray(schema.default) ? schema.default : []) as readonly unknown[];
  const item = plainOf(schema).items ?? { type: 'string' };
  const put = (next: readonly unknown[]) => context.set(path, next, title);
  const properties = Object.entries(plainOf(item).properties ?? {});
  return (
    <div className="list" id={id}>
      {list.map((entry, index) =>
        properties.length > IN_A_LINE ? (
          <EntryCard
            key={index}
            id={`${id}-${index}`}
            path={`${path}.${index}`}
            title={`${title} ${index + 1}`}
            entry={entry as Readonly<Record<string, unknown>> | null}
            properties={properties}
            draw={draw}
            onRemove={() => put(list.filter((_, place) => place !== index))}
          />
        ) : (
          <div key={index} className="list-line">
            {properties.length === 0
              ? draw({ schema: item, value: entry, path: `${path}.${index}`, title: `${title} ${index + 1}`, id: `${id}-${index}` })
              : properties.map(([name, property]) =>
                  draw({
                    schema: property,
                    value: (entry as Readonly<Record<string, unknown>> | null)?.[name],
                    path: `${path}.${index}.${name}`,
                    title: property.title ?? name,
                    id: `${id}-${index}-${name}`,
                  }),
                )}
            <Button
              small
              look="quiet"
              icon="x"
              label={`Remove entry ${index + 1}`}
              onClick={() => put(list.filter((_, place) => place !== index))}
            />
          </div>
        ),
      )}
      <button type="button" className="add-line" onClick={() => put([...list, emptyOf(item)])}>
        <Icon name="plus" size="s" />
        Add
      </button>
    </div>
  );
}

interface EntryCardProps {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly entry: Readonly<Record<string, unknown>> | null;
  readonly properties: readonly (readonly [string, SettingSchema])[];
  readonly draw: DrawSetting;
  readonly onRemove: () => void;
}

function EntryCard({ id, path, title, entry, properties, draw, onRemove }: EntryCardProps) {
  return (
    <fieldset className="list-card" aria-label={title}>
      <div className="f-label">
        <span className="cap">{title}</span>
        <Button small look="quiet" icon="x" label={`Remove ${title}`} onClick={onRemove} />
      </div>
      {properties.map(([name, property]) => (
        <div key={name} className="f" data-path={`${path}.${name}`}>
          <div className="f-label">
            <span>{property.title ?? name}</span>
          </div>
          {draw({
            schema: property,
            value: entry?.[name],
            path: `${path}.${name}`,
            title: property.title ?? name,
            id: `${id}-${name}`,
          })}
          {property.help !== undefined && (
            <p className="help">
              <Inline text={property.help} />
            </p>
          )}
        </div>
      ))}
    </fieldset>
  );
}

/** A value for each name: decimals, units. */
export function RecordSetting({ schema, value, path, title, id, draw }: SettingProps & { readonly draw: DrawSetting }) {
  const context = useContext(FormContext)!;
  const record = (value ?? schema.default ?? {}) as Readonly<Record<string, unknown>>;
  const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : { type: 'string' };
  const [name, setName] = useState('');
  return (
    <div className="list" id={id}>
      {Object.entries(record).map(([key, entry]) => (
        <div key={key} className="list-line">
          <span className="mono grow clip">{key}</span>
          {draw({ schema: inner, value: entry, path: `${path}.${key}`, title: key, id: `${id}-${key}` })}
          <Button
            small
            look="quiet"
            icon="x"
            label={`Remove ${key}`}
            onClick={() => context.set(path, Object.fromEntries(Object.entries(record).filter(([other]) => other !== key)), title)}
          />
        </div>
      ))}
      <form
        className="list-line"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() === '') return;
          context.set(path, { ...record, [name.trim()]: emptyOf(inner) }, title);
          setName('');
        }}
      >
        <div className="field">
          <input
            className="mono"
            value={name}
            placeholder="Add a column"
            aria-label={`Add to ${title}`}
            list={`${id}-names`}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <datalist id={`${id}-names`}>
          {context.fields.map((field) => (
            <option key={field.name} value={field.name} />
          ))}
        </datalist>
      </form>
    </div>
  );
}

/** A JSON value as text, taken when it is JSON; a source proposes one from real events. */
export function JsonSetting({ schema, value, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const shown = JSON.stringify(value ?? schema.default ?? {}, null, 2);
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    setText(shown);
    setWrong(undefined);
  }, [shown]);
  const infer = async () => {
    try {
      const inferred = await ask(
        api.infer,
        {},
        { document: documentStore.getState().document, node: context.node.id, samples: 500 },
      );
      // one step of undo for all of it
      documentStore.edit('Infer schema', (before) =>
        Object.entries({ ...inferred.settings, [path]: inferred.schema }).reduce(
          (document, [setting, proposed]) => setSetting(context.node.id, setting, proposed)(document),
          before,
        ),
      );
      toast({ health: 'ok', title: `Schema from ${plural(inferred.samples, 'event')}`, note: inferred.notes[0]?.message });
    } catch (error) {
      toast({ health: 'bad', ...refusalText(error) });
    }
  };
  return (
    <>
      <textarea
        id={id}
        className={`field mono${wrong === undefined ? '' : ' error'}`}
        rows={Math.min(14, Math.max(4, text.split('\n').length))}
        value={text}
        aria-label={title}
        aria-invalid={wrong !== undefined}
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          try {
            const parsed = JSON.parse(event.target.value) as unknown;
            setWrong(undefined);
            if (JSON.stringify(parsed) !== JSON.stringify(value)) context.set(path, parsed, title);
          } catch (error) {
            setWrong(`Not JSON yet: ${(error as Error).message}`);
          }
        }}
      />
      {wrong !== undefined && <p className="problem bad">{wrong}</p>}
      <div className="row schema-tools">
        <Button small icon="wand-sparkles" onClick={() => void infer()}>
          Infer from events
        </Button>
        <span className="cap">
          {plural(Object.keys((value as { properties?: object } | undefined)?.properties ?? {}).length, 'column')}
        </span>
      </div>
    </>
  );
}
