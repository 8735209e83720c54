import { useContext, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { FormContext } from './form-context.ts';
import type { SettingProps } from './setting-props.ts';

/** One column, offered from what comes in; free text is taken too, because the schema may come later. */
export function FieldChoice({ value, schema, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const now = String(value ?? schema.default ?? '');
  const wrong = context.problems.some((problem) => problem.field === path && problem.severity === 'error');
  return (
    <FieldInput
      id={id}
      label={title}
      value={now}
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
      <FieldInput
        bare
        id={id}
        label={`Add to ${title}`}
        value={text}
        placeholder="Add field"
        taken={list.map((entry) => (typeof entry === 'string' ? entry : entry.name))}
        onChange={setText}
        onPick={add}
        onEmptyBackspace={() => put(list.slice(0, -1))}
      />
    </div>
  );
}

interface FieldInputProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly wrong?: boolean;
  readonly bare?: boolean;
  readonly taken?: readonly string[];
  readonly onChange: (value: string) => void;
  readonly onPick: (value: string) => void;
  readonly onEmptyBackspace?: () => void;
}

/** Text with the real columns below it: name, type, newest value. */
export function FieldInput({
  id,
  label,
  value,
  placeholder,
  wrong,
  bare,
  taken,
  onChange,
  onPick,
  onEmptyBackspace,
}: FieldInputProps) {
  const context = useContext(FormContext)!;
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [typed, setTyped] = useState(false);
  const needle = typed ? value.toLowerCase() : '';
  const offers = context.fields
    .filter((field) => taken?.includes(field.name) !== true && field.name.toLowerCase().includes(needle))
    .slice(0, 40);
  const pick = (name: string) => {
    onPick(name);
    setOpen(false);
    setTyped(false);
  };
  const input = (
    <input
      id={id}
      className="mono"
      role="combobox"
      aria-expanded={open}
      aria-controls={`${id}-list`}
      aria-label={label}
      value={value}
      placeholder={placeholder}
      spellCheck={false}
      autoComplete="off"
      onFocus={() => setOpen(true)}
      onBlur={() => {
        setOpen(false);
        setTyped(false);
        if (bare === true && value.trim() !== '') onPick(value);
      }}
      onChange={(event) => {
        onChange(event.target.value);
        setTyped(true);
        setOpen(true);
        setAt(0);
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          setOpen(true);
          setAt((old) => (old + (event.key === 'ArrowDown' ? 1 : -1) + Math.max(1, offers.length)) % Math.max(1, offers.length));
        } else if (event.key === 'Enter' && open) {
          event.preventDefault();
          pick(offers[at]?.name ?? value);
        } else if (event.key === 'Escape') {
          setOpen(false);
          event.stopPropagation();
        } else if (event.key === 'Backspace' && value === '') onEmptyBackspace?.();
      }}
    />
  );
  return (
    <div className={`field-input${bare === true ? ' bare' : ''}`}>
      {bare === true ? (
        input
      ) : (
        <div className={`field${wrong === true ? ' error' : ''}`}>
          {input}
          <Icon name="chevron-down" />
        </div>
      )}
      {open && offers.length > 0 && (
        <ul className="pop offers" id={`${id}-list`} role="listbox">
          {offers.map((field, index) => (
            <li
              key={field.name}
              role="option"
              aria-selected={index === at}
              className={index === at ? 'on' : ''}
              onPointerDown={(event) => {
                event.preventDefault();
                pick(field.name);
              }}
            >
              <span className="mono clip">{field.name}</span>
              <span className="cap">{field.type}</span>
              <span className="cap sample clip">{context.sample(field.name) ?? ''}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
