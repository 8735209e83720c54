import { useContext, useState } from 'react';
import type { SettingSchema } from '../../protocol/catalog.ts';
import { Icon } from '../ui/icon.tsx';
import { Toggle } from '../ui/choice.tsx';
import { FormContext } from './form-context.ts';
import { sentenceOf, variantOf, variantsOf } from './schema-reading.ts';
import { Setting } from './setting.tsx';

/** The form of a node: every setting of its schema in order, the rarely needed ones folded away. */
export function SettingsForm({ schema }: { schema: SettingSchema }) {
  const context = useContext(FormContext)!;
  const entries = Object.entries(schema.properties ?? {});
  const plain = entries.filter(([, property]) => property.advanced !== true);
  const advanced = entries.filter(([, property]) => property.advanced === true);
  const troubled = context.problems.some((problem) => advanced.some(([name]) => problem.field === name || problem.field?.startsWith(`${name}.`) === true));
  const [open, setOpen] = useState(false);
  return (
    <>
      <Rows entries={plain} value={context.node.settings} path="" />
      {advanced.length > 0 && (
        <>
          <button type="button" className="fold" aria-expanded={open || troubled} onClick={() => setOpen(!open)}>
            <Icon name={open || troubled ? 'chevron-down' : 'chevron-right'} size="s" />
            {advanced.length} more {advanced.length === 1 ? 'setting' : 'settings'}
          </button>
          {(open || troubled) && <Rows entries={advanced} value={context.node.settings} path="" />}
        </>
      )}
    </>
  );
}

/** Settings below each other; two short ones side by side. */
export function Rows({ entries, value, path }: { entries: readonly (readonly [string, SettingSchema])[]; value: Readonly<Record<string, unknown>>; path: string }) {
  return entries.map(([name, property]) => <Row key={name} name={name} schema={property} value={value[name]} path={path === '' ? name : `${path}.${name}`} />);
}

export function Row({ name, schema, value, path }: { name: string; schema: SettingSchema; value: unknown; path: string }) {
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
        <Toggle id={id} value={(value ?? schema.default) === true} onChange={(next) => context.set(path, next, title)} label={title} />
        {schema.help !== undefined && <p className="help">{schema.help}</p>}
      </div>
    );
  }
  const variants = variantsOf(schema);
  const variant = variants === undefined ? undefined : variantOf(variants, value ?? schema.default);
  return (
    <div className={`f${short ? ' short' : ''}`} data-path={path}>
      <div className="f-label" id={`${id}-label`}>
        <span>{title}</span>
        {Array.isArray(value) && value.length > 2 && <span className="cap">{value.length} {schema.widget === 'fields' ? 'fields' : 'columns'}</span>}
      </div>
      <Setting schema={schema} value={value} path={path} title={title} id={id} />
      {found.map((problem, index) => (
        <p key={index} className={`problem ${problem.severity === 'error' ? 'bad' : 'warn'}`} role="alert">
          {problem.message} {problem.mend}
        </p>
      ))}
      {schema.help !== undefined && found.length === 0 && variant === undefined && <p className="help">{schema.help}</p>}
    </div>
  );
}

function isShort(schema: SettingSchema): boolean {
  return schema.type === 'integer' || schema.type === 'number' || schema.widget === 'duration';
}
