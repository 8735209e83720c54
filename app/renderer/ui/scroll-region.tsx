import type { ReactNode } from 'react';

/** What scrolls must be reachable by key (WCAG 2.1.1), also where nothing in it takes the focus. */
export function ScrollRegion({ wide, label, children }: { wide?: boolean; label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={wide === true ? 'scroll wide-table' : 'scroll'} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
