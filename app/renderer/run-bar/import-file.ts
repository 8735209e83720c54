import { createStore } from 'zustand/vanilla';
import type { Problem } from '../../../engine/model/problem.ts';
import { MAX_FILE_BYTES } from '../../protocol/limits.ts';
import { importPipeline } from '../document/library-store.ts';
import { Refused } from '../run/client.ts';
import { formatCount } from '../ui/figures.ts';
import { toast } from '../ui/toast-store.ts';

/** Why the last import was refused; the import dialog shows it. */
export const importStore = createStore<{ readonly refused: string | undefined; readonly problems: readonly Problem[] }>(() => ({
  refused: undefined,
  problems: [],
}));

const AT_MOST = `a pipeline file has at most ${MAX_FILE_BYTES / 1_048_576} MiB.`;

/** False: refused, and `importStore` says why. */
export async function importText(text: string, name?: string): Promise<boolean> {
  if (text.length > MAX_FILE_BYTES) return refuse(`The text has ${formatCount(text.length)} characters; ${AT_MOST}`);
  importStore.setState({ refused: undefined, problems: [] });
  try {
    const { document, problems } = await importPipeline(text, name);
    toast({
      health: problems.length === 0 ? 'ok' : 'warn',
      title: `Imported ${document.name}`,
      ...(problems.length === 0 ? {} : { note: problems[0]!.message }),
    });
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refuse(error.refusal.message, error.refusal.problems);
  }
}

/** A file is asked for its size first: what is too large is not read. */
export async function importFile(file: File): Promise<boolean> {
  if (file.size > MAX_FILE_BYTES) return refuse(`${file.name} has ${formatCount(file.size)} bytes; ${AT_MOST}`);
  return importText(await file.text(), file.name);
}

function refuse(refused: string, problems: readonly Problem[] = []): false {
  importStore.setState({ refused, problems });
  return false;
}
