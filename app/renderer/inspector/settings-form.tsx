import { useContext, useState } from 'react';
import type { SettingSchema } from '../../protocol/catalog.ts';
import { Icon } from '../ui/icon.tsx';
import { FormContext } from './form-context.ts';
import { Rows } from './setting.tsx';

/** The form of a node: every setting of its schema in order, the rarely needed ones folded away. */
export function SettingsForm({ schema }: { schema: SettingSchema }) {
  const context = useContext(FormContext)!;
  const entries = Object.entries(schema.properties ?? {});
  const plain = entries.filter(([, property]) => property.advanced !== true);
  const advanced = entries.filter(([, property]) => property.advanced === true);
  const troubled = context.problems.some((problem) =>
    advanced.some(([name]) => problem.field === name || problem.field?.startsWith(`${name}.`) === true),
  );
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
