import { useEffect, useState } from 'react';
import { createStore } from 'zustand/vanilla';
import { useStore } from 'zustand';
import { actionStore, keysText } from '../ui/actions.ts';
import { PointMenu, type MenuEntry } from '../ui/overlay.tsx';
import type { Place } from '../document/pipeline-draft.ts';

export type MenuOf = 'node' | 'side' | 'selection' | 'edge' | 'canvas';

export const contextMenuStore = createStore<{ readonly open: { readonly of: MenuOf; readonly at: Place } | undefined }>(() => ({
  open: undefined,
}));

/** By id of the action; the same actions have keys and stand in the command palette. */
const MENUS: Readonly<Record<MenuOf, readonly string[]>> = {
  node: [
    'canvas.inspect',
    'canvas.rename',
    'canvas.connect',
    'canvas.tap',
    'line',
    'canvas.copy',
    'canvas.cut',
    'canvas.duplicate',
    'canvas.group',
    'line',
    'canvas.upstream',
    'canvas.downstream',
    'line',
    'canvas.delete',
    'canvas.delete-bare',
  ],
  selection: [
    'canvas.copy',
    'canvas.cut',
    'canvas.duplicate',
    'canvas.group',
    'canvas.layout',
    'line',
    'canvas.delete',
    'canvas.delete-bare',
  ],
  side: ['canvas.delete-bare'],
  edge: ['canvas.insert', 'canvas.tap', 'canvas.record', 'line', 'canvas.delete-bare'],
  canvas: ['canvas.add', 'canvas.paste', 'canvas.comment', 'line', 'canvas.all', 'canvas.layout', 'canvas.fit'],
};

/** What a right click on the canvas offers. */
export function ContextMenu() {
  const open = useStore(contextMenuStore, (state) => state.open);
  // kept while the menu closes, so that its lines do not vanish before it does
  const [shown, setShown] = useState(open);
  useEffect(() => {
    if (open !== undefined) setShown(open);
  }, [open]);
  const of = (open ?? shown)?.of;
  return (
    <PointMenu
      at={open?.at}
      entries={of === undefined ? [] : entriesOf(MENUS[of])}
      onClose={() => contextMenuStore.setState({ open: undefined })}
    />
  );
}

function entriesOf(ids: readonly string[]): readonly MenuEntry[] {
  const { actions } = actionStore.getState();
  return ids.flatMap((id): readonly MenuEntry[] => {
    const action = actions.get(id);
    if (action === undefined) return id === 'line' ? ['line'] : [];
    const [keys] = action.keys ?? [];
    return [
      {
        title: action.title,
        icon: action.icon,
        ...(keys === undefined ? {} : { keys: keysText(keys) }),
        danger: id.startsWith('canvas.delete'),
        disabled: action.refuse?.(),
        onPick: action.run,
      },
    ];
  });
}
