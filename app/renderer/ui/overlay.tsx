import { Dialog } from '@base-ui/react/dialog';
import { Menu } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { Icon } from './icon.tsx';

export interface MenuAction {
  readonly title: string;
  readonly icon?: string;
  readonly keys?: string;
  readonly caption?: string;
  readonly danger?: boolean;
  /** why it cannot be done now; it stays in the list */
  readonly disabled?: string | undefined;
  readonly onPick: () => void;
}

export type MenuEntry = MenuAction | 'line' | { readonly heading: string };

function Entries({ entries }: { entries: readonly MenuEntry[] }) {
  return entries.map((entry, index) => {
    if (entry === 'line') return <Menu.Separator key={index} className="menu-line" />;
    if ('heading' in entry) {
      return (
        <div key={index} className="menu-heading">
          {entry.heading}
        </div>
      );
    }
    return (
      <Menu.Item
        key={index}
        className={`menu-item${entry.danger ? ' danger' : ''}`}
        disabled={entry.disabled !== undefined}
        onClick={entry.onPick}
      >
        {entry.icon !== undefined && <Icon name={entry.icon} />}
        <span className="grow">
          {entry.title}
          {(entry.disabled ?? entry.caption) !== undefined && <span className="cap">{entry.disabled ?? entry.caption}</span>}
        </span>
        {entry.keys !== undefined && <span className="kbd">{entry.keys}</span>}
      </Menu.Item>
    );
  });
}

/** A button with a list of actions. */
export function ActionMenu({
  trigger,
  entries,
  align = 'start',
}: {
  trigger: ReactElement;
  entries: readonly MenuEntry[];
  align?: 'start' | 'end';
}) {
  return (
    <Menu.Root>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align={align} className="positioner">
          <Menu.Popup className="menu-popup">
            <Entries entries={entries} />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

/** The same list at a point, for right clicks. */
export function PointMenu({
  at,
  entries,
  onClose,
}: {
  at: { x: number; y: number } | undefined;
  entries: readonly MenuEntry[];
  onClose: () => void;
}) {
  const anchor = at === undefined ? null : { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) };
  return (
    <Menu.Root open={at !== undefined} onOpenChange={(open) => !open && onClose()} modal={false}>
      <Menu.Portal>
        <Menu.Positioner anchor={anchor} sideOffset={2} align="start" className="positioner">
          <Menu.Popup className="menu-popup">
            <Entries entries={entries} />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

/** Only for the Apply plan, Drain, files and destructive acts. */
export function Modal({
  open,
  onClose,
  title,
  note,
  width = 480,
  reading,
  children,
  footer,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  note?: ReactNode;
  width?: number;
  /** nothing in it takes the focus, so it is scrolled by keys itself */
  reading?: boolean;
  children?: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="dialog" style={{ width }}>
          <header>
            <Dialog.Title>{title}</Dialog.Title>
            {note !== undefined && (
              <Dialog.Description className="cap" render={<div />}>
                {note}
              </Dialog.Description>
            )}
          </header>
          <div className="dialog-body" {...(reading === true ? { role: 'region', 'aria-label': title, tabIndex: 0 } : {})}>
            {children}
          </div>
          {footer !== undefined && <footer>{footer}</footer>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
