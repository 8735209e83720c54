import { useStore } from 'zustand';
import { actionStore, keysText, type Action } from '../ui/actions.ts';
import { openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';

export function KeyMapDialog() {
  const actions = useStore(actionStore, (state) => state.actions);
  const groups = new Map<string, Action[]>();
  for (const action of actions.values())
    if (action.keys !== undefined) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  return (
    <Modal
      open
      onClose={() => openDialog(undefined)}
      title="Keyboard map"
      note="Every action is also in the command palette."
      width={760}
      reading
    >
      <div className="key-map">
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h4 className="cap">{group}</h4>
            {members.map((action) => (
              <div key={action.id} className="row">
                <span className="grow clip">{action.title}</span>
                {action.keys!.slice(0, 2).map((keys) => (
                  <span key={keys} className="kbd">
                    {keysText(keys)}
                  </span>
                ))}
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  );
}
