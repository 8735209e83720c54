import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { feed } from '../run/live-feed.ts';
import { runStore } from '../run/run-store.ts';
import { Button } from '../ui/button.tsx';
import { formatClock, formatSpan } from '../ui/figures.ts';
import { HealthMark } from '../ui/health.tsx';

const SILENT_MS = 1500;

/** Said when the server has been gone for a moment: figures are old, editing goes on. */
export function ServerGone() {
  const goneAt = useStore(runStore, (state) => (state.link === 'gone' ? state.goneAt : undefined));
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (goneAt === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [goneAt]);
  if (goneAt === undefined || now - goneAt < SILENT_MS) return null;
  const next = Math.max(0, Math.ceil(((runStore.getState().nextTryAt ?? now) - now) / 1000));
  return (
    <div className="banner" role="alert">
      <HealthMark health="warn">
        <b className="strong">No server for {formatSpan(now - goneAt)}</b>
      </HealthMark>
      <span className="t2 clip grow">
        {feed.metersAt !== undefined && `Figures of ${formatClock(feed.metersAt)}. `}
        Editing, undo and copy work; changes are kept in this browser. Next try in {next} s.
      </span>
      <Button small onClick={() => feed.connect()}>
        Try now
      </Button>
    </div>
  );
}
