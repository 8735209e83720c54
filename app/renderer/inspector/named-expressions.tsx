import { useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { selectionStore } from '../document/selection-store.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { ExpressionField } from './expression-field.tsx';
import { FormContext } from './form-context.ts';
import { highlighted } from './highlighted.tsx';
import type { SettingProps } from './setting-props.ts';

interface Named {
  readonly name: string;
  readonly expression: string;
}

/** Columns with their expressions: one line each, the open one is edited in place. */
export function NamedExpressions({ value, schema, path, title }: SettingProps) {
  const context = useContext(FormContext)!;
  const asked = useStore(selectionStore, (state) => state.field);
  const list = (Array.isArray(value) ? value : Array.isArray(schema.default) ? schema.default : []) as readonly Named[];
  const [open, setOpen] = useState<number>();
  useEffect(() => {
    if (asked?.node === context.node.id && asked.path.startsWith(`${path}.`))
      setOpen(Number(asked.path.slice(path.length + 1).split('.')[0]));
  }, [asked, context.node.id, path]);

  const put = (next: readonly Named[]) => context.set(path, next, title);
  return (
    <div className="aggs">
      {list.map((entry, index) => {
        const at = `${path}.${index}`;
        const type = context.types[`${at}.expression`] ?? '';
        const wrong = context.problems.find((problem) => problem.field?.startsWith(at) === true);
        if (index === open) {
          return (
            <div key={index} className="expr">
              <div className="row">
                <input
                  className="mono name-field grow"
                  value={entry.name}
                  aria-label="Name of the column"
                  placeholder="column"
                  spellCheck={false}
                  onChange={(event) =>
                    put(list.map((old, place) => (place === index ? { ...old, name: event.target.value } : old)))
                  }
                />
                <span className="cap">{type}</span>
                <Button small look="quiet" icon="chevron-up" label="Close" onClick={() => setOpen(undefined)} />
                <Button
                  small
                  look="quiet"
                  icon="trash-2"
                  label={`Remove ${entry.name}`}
                  onClick={() => {
                    put(list.filter((_, place) => place !== index));
                    setOpen(undefined);
                  }}
                />
              </div>
              <ExpressionField
                path={`${at}.expression`}
                value={entry.expression}
                title={entry.name || 'Expression'}
                autoFocus={entry.name !== ''}
              />
              {wrong !== undefined && (
                <p className="problem bad" role="alert">
                  {wrong.message} {wrong.mend}
                </p>
              )}
            </div>
          );
        }
        const tall = entry.expression.length + entry.name.length > 30 || entry.expression.length > 18;
        return (
          <button
            key={index}
            type="button"
            className={`agg${tall ? ' tall' : ''}${wrong === undefined ? '' : ' wrong'}`}
            onClick={() => setOpen(index)}
            title={wrong?.message ?? entry.expression}
          >
            <span className="mono t1">{entry.name || 'unnamed'}</span>
            {tall && <span className="cap">{type}</span>}
            <span className="mono t2">{highlighted(entry.expression)}</span>
            {!tall && <span className="cap">{type}</span>}
          </button>
        );
      })}
      <button
        type="button"
        className="agg add"
        onClick={() => {
          put([...list, { name: freeName(list), expression: '' }]);
          setOpen(list.length);
        }}
      >
        <span className="row">
          <Icon name="plus" size="s" />
          Add column
        </span>
      </button>
    </div>
  );
}

function freeName(list: readonly Named[]): string {
  for (let n = list.length + 1; ; n++) if (!list.some((entry) => entry.name === `column_${n}`)) return `column_${n}`;
}
