import { Tabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

export interface TabEntry {
  readonly id: string;
  readonly title: string;
  readonly mark?: ReactNode;
}

/** The line of tabs; the panel below is the caller's. */
export function TabLine({
  tabs,
  value,
  onChange,
  children,
  label,
}: {
  tabs: readonly TabEntry[];
  value: string;
  onChange: (id: string) => void;
  children?: ReactNode;
  label: string;
}) {
  return (
    <Tabs.Root value={value} onValueChange={(next) => onChange(String(next))} className="tabs">
      <Tabs.List className="tab-list" aria-label={label} activateOnFocus={false}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id} className="tab" data-tab={tab.id}>
            {tab.title}
            {tab.mark}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {children}
    </Tabs.Root>
  );
}
