import { useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { DURATION } from '../../../engine/model/duration.ts';
import type { SettingSchema } from '../../protocol/catalog.ts';
import { catalogStore } from '../document/catalog-store.ts';
import { Choice, Segments, Toggle } from '../ui/choice.tsx';
import { Inline } from '../ui/markdown.tsx';
import { ConnectedName } from './connected-name.tsx';
import { ExpressionField } from './expression-field.tsx';
import { FieldChoice, FieldChips } from './field-widgets.tsx';
import { FormContext } from './form-context.ts';
import { JsonSetting, ListSetting, RecordSetting } from './list-widgets.tsx';
import { NamedExpressions } from './named-expressions.tsx';
import { isNamedExpressions, plainOf, sentenceOf, variantOf, variantsOf } from './schema-reading.ts';
import type { SettingProps } from './setting-props.ts';

/** The widget of one setting, chosen by its meta first and its shape second. */
export function Setting(props: SettingProps) {
  const { schema, value, path, title, id } = props;
  const context = useContext(FormContext)!;
  const variants = variantsOf(schema);
  if (variants !== undefined) {
    const current = variantOf(variants, value ?? schema.default);
    const held = (value ?? schema.default ?? {}) as Readonly<Record<string, unknown>>;
    const inner = Object.entries(current.schema.properties ?? {}).filter(([name]) => name !== current.tag);
    const options = variants.map((variant) => ({ value: variant.value, title: sentenceOf(variant.value) }));
    const change = (next: string) => {
      const to = variants.find((variant) => variant.value === next)!;
      const kept = Object.fromEntries(
        Object.entries(to.schema.properties ?? {}).flatMap(([name, property]) =>
          name === to.tag ? [] : [[name, held[name] ?? property.default ?? startOf(property)]],
        ),
      );
      context.set(path, { [to.tag]: next, ...kept }, title);
    };
    return (
      <>
        {options.length <= 4 ? (
          <Segments value={current.value} options={options} onChange={change} label={title} />
        ) : (
          <Choice value={current.value} options={options} onChange={change} label={title} id={id} />
        )}
        <div className="two">
          <Rows entries={inner} value={held} path={path} />
        </div>
      </>
    );
  }
  if (isNamedExpressions(schema)) return <NamedExpressions {...props} />;
  const plain = plainOf(schema);
  if (plain.enum !== undefined) {
    const options = plain.enum.map((option) => ({ value: String(option), title: sentenceOf(String(option)) }));
    const now = String(value ?? plain.default ?? plain.enum[0] ?? '');
    const fits = options.length <= 3 && options.reduce((sum, option) => sum + option.title.length, 0) < 36;
    return fits ? (
      <Segments value={now} options={options} onChange={(next) => context.set(path, next, title)} label={title} />
    ) : (
      <Choice value={now} options={options} onChange={(next) => context.set(path, next, title)} label={title} id={id} />
    );
  }
  switch (plain.widget) {
    case 'expression':
    case 'aggregate':
      return <ExpressionField path={path} value={String(value ?? '')} title={title} />;
    case 'field':
      return <FieldChoice {...props} />;
    case 'fields':
      return plain.type === 'array' ? <FieldChips {...props} /> : <RecordSetting {...props} draw={draw} />;
    case 'connection':
      return <ConnectionChoice {...props} />;
    case 'topic':
    case 'table':
      return <ConnectedName {...props} />;
    case 'json-schema':
      return <JsonSetting {...props} />;
    default:
      break;
  }
  if (plain.type === 'number' || plain.type === 'integer') return <NumberSetting {...props} schema={plain} />;
  if (plain.type === 'array') return <ListSetting {...props} draw={draw} />;
  if (plain.type === 'object') {
    if (plain.properties === undefined) return <RecordSetting {...props} draw={draw} />;
    return (
      <div className="inner">
        <Rows
          entries={Object.entries(plain.properties)}
          value={(value ?? plain.default ?? {}) as Readonly<Record<string, unknown>>}
          path={path}
        />
      </div>
    );
  }
  return <TextSetting {...props} schema={plain} />;
}

/** for widgets that hold others */
const draw = (inner: SettingProps) => <Setting key={inner.id} {...inner} />;

function startOf(schema: SettingSchema): unknown {
  return schema.widget === 'duration' ? '10s' : plainOf(schema).type === 'string' ? '' : undefined;
}

/** Kept as typed until it is a value; then it is one undo step with what was typed before. */
function useTyped(value: string, commit: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return [
    text,
    (next) => {
      setText(next);
      commit(next);
    },
  ];
}

function TextSetting({ schema, value, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const [text, type] = useTyped(String(value ?? schema.default ?? ''), (next) => context.set(path, next, title));
  const duration = schema.widget === 'duration';
  const wrong =
    (duration && text !== '' && !DURATION.test(text)) ||
    context.problems.some((problem) => problem.field === path && problem.severity === 'error');
  return (
    <div className={`field${wrong ? ' error' : ''}`}>
      <input
        id={id}
        className={duration ? '' : 'mono'}
        value={text}
        aria-label={title}
        aria-invalid={wrong}
        placeholder={duration ? '10s, 2m, 1h' : ''}
        spellCheck={false}
        onChange={(event) => type(event.target.value)}
      />
      {schema.unit !== undefined && <span className="unit">{schema.unit}</span>}
    </div>
  );
}

function NumberSetting({ schema, value, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const [text, type] = useTyped(String(value ?? schema.default ?? ''), (next) => {
    const number = Number(next);
    if (next.trim() !== '' && Number.isFinite(number)) context.set(path, number, title);
  });
  const number = Number(text);
  const wrong =
    text.trim() === '' ||
    !Number.isFinite(number) ||
    (schema.minimum !== undefined && number < schema.minimum) ||
    (schema.maximum !== undefined && number > schema.maximum) ||
    (schema.exclusiveMinimum !== undefined && number <= schema.exclusiveMinimum);
  return (
    <div className={`field${wrong ? ' error' : ''}`}>
      <input
        id={id}
        className="num-input"
        inputMode="decimal"
        value={text}
        aria-label={title}
        aria-invalid={wrong}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
          if (step === 0 || !Number.isFinite(number)) return;
          event.preventDefault();
          const size = schema.type === 'integer' || event.shiftKey ? 1 : 0.1;
          type(String(Number((number + step * size).toFixed(6))));
        }}
      />
      {schema.unit !== undefined && <span className="unit">{schema.unit}</span>}
    </div>
  );
}

function ConnectionChoice({ schema, value, path, title, id }: SettingProps) {
  const context = useContext(FormContext)!;
  const connections = useStore(catalogStore, (state) => state.catalog.connections).filter(
    (entry) => schema.service === undefined || entry.service === schema.service,
  );
  const now = String(value ?? schema.default ?? '');
  const options = connections.map((entry) => ({ value: entry.name, title: `${entry.name} (${entry.behind})` }));
  if (!options.some((option) => option.value === now)) options.push({ value: now, title: `${now} (not set up)` });
  return <Choice value={now} options={options} onChange={(next) => context.set(path, next, title)} label={title} id={id} />;
}

/** Settings below each other; two short ones side by side. */
export function Rows({
  entries,
  value,
  path,
}: {
  entries: readonly (readonly [string, SettingSchema])[];
  value: Readonly<Record<string, unknown>>;
  path: string;
}) {
  return entries.map(([name, property]) => (
    <Row key={name} name={name} schema={property} value={value[name]} path={path === '' ? name : `${path}.${name}`} />
  ));
}

function Row({ name, schema, value, path }: { name: string; schema: SettingSchema; value: unknown; path: string }) {
  const context = useContext(FormContext)!;
  const title = schema.title ?? sentenceOf(name);
  const found = context.problems.filter((problem) => problem.field === path);
  const id = `setting-${path.replaceAll('.', '-')}`;
  const short = isShort(schema);
  if (schema.type === 'boolean') {
    return (
      <div className="f line" data-path={path}>
        <label htmlFor={id} className="grow">
          {title}
        </label>
        <Toggle
          id={id}
          value={(value ?? schema.default) === true}
          onChange={(next) => context.set(path, next, title)}
          label={title}
        />
        {schema.help !== undefined && <Help text={schema.help} />}
      </div>
    );
  }
  const variants = variantsOf(schema);
  const variant = variants === undefined ? undefined : variantOf(variants, value ?? schema.default);
  return (
    <div className={`f${short ? ' short' : ''}`} data-path={path}>
      <div className="f-label" id={`${id}-label`}>
        <span>{title}</span>
        {Array.isArray(value) && value.length > 2 && (
          <span className="cap">
            {value.length} {schema.widget === 'fields' ? 'fields' : isNamedExpressions(schema) ? 'columns' : 'entries'}
          </span>
        )}
      </div>
      <Setting schema={schema} value={value} path={path} title={title} id={id} />
      {found.map((problem, index) => (
        <p key={index} className={`problem ${problem.severity === 'error' ? 'bad' : 'warn'}`} role="alert">
          {problem.message} {problem.mend}
        </p>
      ))}
      {schema.help !== undefined && found.length === 0 && variant === undefined && <Help text={schema.help} />}
    </div>
  );
}

function Help({ text }: { text: string }) {
  return (
    <p className="help">
      <Inline text={text} />
    </p>
  );
}

function isShort(schema: SettingSchema): boolean {
  return schema.type === 'integer' || schema.type === 'number' || schema.widget === 'duration';
}
