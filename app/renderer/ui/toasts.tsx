import { useStore } from 'zustand';
import { Button } from './button.tsx';
import { HealthMark } from './health.tsx';
import { closeToast, toastStore } from './toast-store.ts';

export function Toasts() {
  const toasts = useStore(toastStore, (state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((entry) => (
        <div key={entry.id} className="toast">
          <HealthMark health={entry.health} />
          <div className="grow">
            <b className="med">{entry.title}</b>
            {entry.note !== undefined && <span className="cap">{entry.note}</span>}
          </div>
          {entry.action !== undefined && (
            <Button
              small
              onClick={() => {
                entry.action?.run();
                closeToast(entry.id);
              }}
            >
              {entry.action.title}
            </Button>
          )}
          <Button small look="quiet" icon="x" label="Close" onClick={() => closeToast(entry.id)} />
        </div>
      ))}
    </div>
  );
}
