import { useContext, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { FormContext, type FormContextValue } from './form-context.ts';
import { OfferInput, type Offer } from './offer-input.tsx';
import type { SettingProps } from './setting-props.ts';

/** One column, offered from what comes in; free text is taken too, because the schema may come later. */
export function FieldChoice({ value, schema, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const now = String(value ?? schema.default ?? '');
  const wrong = context.problems.some((problem) => problem.field === path && problem.severity === 'error');
  return (
    <OfferInput
      id={id}
      label={title}
      value={now}
      offers={offersOf(context)}
      wrong={wrong}
      placeholder="Choose a field"
      onChange={(next) => context.set(path, next, title)}
      onPick={(next) => context.set(path, next, title)}
    />
  );
}

/** Several columns as chips. An entry may be { name, expression }. */
export function FieldChips({ value, schema, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const list = (Array.isArray(value) ? value : Array.isArray(schema.default) ? schema.default : []) as readonly (
    string | { readonly name: string; readonly expression: string }
  )[];
  const [text, setText] = useState('');
  const put = (next: readonly unknown[]) => context.set(path, next, title);
  const add = (name: string) => {
    if (name.trim() !== '' && !list.some((entry) => entry === name.trim())) put([...list, name.trim()]);
    setText('');
  };
  return (
    <div className="chips-field field">
      {list.map((entry, index) => {
        const name = typeof entry === 'string' ? entry : entry.name;
        const sample = context.sample(name);
        return (
          <span
            key={name}
            className="chip mono"
            title={typeof entry === 'string' ? (sample === undefined ? name : `${name}: ${sample}`) : entry.expression}
          >
            {typeof entry === 'string' ? name : `${name} = ${entry.expression}`}
            <button type="button" aria-label={`Remove ${name}`} onClick={() => put(list.filter((_, place) => place !== index))}>
              <Icon name="x" size="s" />
            </button>
          </span>
        );
      })}
      <OfferInput
        bare
        id={id}
        label={`Add to ${title}`}
        value={text}
        placeholder="Add field"
        offers={offersOf(
          context,
          list.map((entry) => (typeof entry === 'string' ? entry : entry.name)),
        )}
        onChange={setText}
        onPick={add}
        onEmptyBackspace={() => put(list.slice(0, -1))}
      />
    </div>
  );
}

/** The real columns of what comes in: name, type, newest value. */
function offersOf({ fields, sample }: FormContextValue, taken: readonly string[] = []): readonly Offer[] {
  return fields
    .filter(({ name }) => !taken.includes(name))
    .map(({ name, type }) => ({ name, note: type, sample: sample(name) ?? '' }));
}
