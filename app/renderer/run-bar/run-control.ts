import { api } from '../../protocol/api.ts';
import type { RunMove, RunStatus } from '../../protocol/run.ts';
import type { StartRequest } from '../../protocol/requests.ts';
import { checkAgain, checkStore, settledCheck } from '../document/check-store.ts';
import { documentStore } from '../document/document-store.ts';
import { libraryStore, savePipeline } from '../document/library-store.ts';
import { ask, Refused, refusalText } from '../run/client.ts';
import { runStore } from '../run/run-store.ts';
import { formatCount, plural } from '../ui/figures.ts';
import { hintDone, openDialog, showDock } from '../ui/layout-store.ts';
import { toast } from '../ui/toast-store.ts';

/** What the buttons and keys of the run bar do. Every refusal is said in a toast that stays. */

function fail(error: unknown): void {
  const { title, note } = refusalText(error);
  toast({ health: 'bad', title, note });
  if (error instanceof Refused && (error.refusal.problems?.length ?? 0) > 0) showDock('problems');
}

function took(status: RunStatus): void {
  runStore.setState({ status });
  checkAgain();
}

export async function start(from: StartRequest['from'] = 'stored', fresh = false): Promise<void> {
  const checked = await settledCheck();
  const { document, revision } = documentStore.getState();
  const errors = checked?.problems.filter((problem) => problem.severity === 'error') ?? [];
  if (errors.length > 0) {
    toast({
      health: 'bad',
      title: `${plural(errors.length, 'problem')} to mend before it can run`,
      note: errors[0]!.message,
      action: { title: 'Show', run: () => showDock('problems') },
    });
    showDock('problems');
    return;
  }
  try {
    await savePipeline();
    took(await ask(api.start, { id: document.id }, { document, revision, from, fresh }));
    libraryStore.setState({ running: document });
  } catch (error) {
    fail(error);
  }
}

const ROUTES = { pause: api.pause, resume: api.resume, drain: api.drain, stop: api.stop, kill: api.kill } as const;

export async function move(which: Exclude<RunMove, 'start' | 'apply'>): Promise<void> {
  try {
    took(await ask(ROUTES[which], { id: documentStore.getState().document.id }, undefined));
  } catch (error) {
    fail(error);
  }
}

export async function apply(choices: Readonly<Record<string, 'fresh' | 'reprocess' | 'back'>>): Promise<boolean> {
  const { document, revision } = documentStore.getState();
  try {
    await savePipeline();
    const applied = await ask(api.apply, { id: document.id }, { document, revision, choices: { ...choices } });
    libraryStore.setState({ running: document });
    took(applied.status);
    hintDone('apply');
    if (applied.rolledBack === undefined) {
      const kept = applied.difference.nodes.every((node) => node.state === 'none' || node.state === 'kept');
      toast({
        health: 'ok',
        title: `Applied at epoch ${formatCount(applied.status.epoch)}`,
        note: `${kept ? 'All state kept.' : 'State as chosen.'} Reading paused ${(applied.gapMs / 1000).toFixed(1)} s.`,
      });
    } else
      toast({ health: 'bad', title: 'The new revision did not start; the old one runs again', note: applied.rolledBack.message });
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

/** How many changes are drawn and not running. */
export function changesOf(difference: { readonly change: string; readonly nodes: readonly unknown[] } | undefined): number {
  if (difference === undefined || difference.change === 'nothing') return 0;
  return Math.max(1, difference.nodes.length);
}

export function askApply(): void {
  const difference = checkStore.getState().checked?.difference;
  if (changesOf(difference) > 0) openDialog('apply');
}
