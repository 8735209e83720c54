import { useStore } from 'zustand';
import { feed } from '../run/live-feed.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/figures.ts';
import { layoutStore, openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { move } from './run-control.ts';

export function DrainDialog() {
  const open = useStore(layoutStore, (state) => state.dialog === 'drain');
  if (!open) return null;
  const close = () => openDialog(undefined);
  let windows = 0;
  for (const inspection of feed.inspections.values()) windows += inspection.open ?? 0;
  return (
    <Modal
      open
      onClose={close}
      title="Drain and stop"
      note="Sources end, every open window closes, and the last rows are pushed to the sinks."
      width={440}
      footer={
        <>
          <span className="grow" />
          <Button onClick={close}>Cancel</Button>
          <Button
            look="primary"
            onClick={() => {
              close();
              void move('drain');
            }}
          >
            Drain
          </Button>
        </>
      }
    >
      <ul className="says">
        <li>
          {windows > 0
            ? `${formatCount(windows)} open windows become final before all their rows have come.`
            : 'Open windows become final before all their rows have come.'}
        </li>
        <li>Rows that belong to them and come after the next start are late: counted, not added.</li>
        <li>To keep windows open and go on later, use Stop instead.</li>
      </ul>
    </Modal>
  );
}
