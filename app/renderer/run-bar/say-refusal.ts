import { refusalText } from '../run/client.ts';
import { toast } from '../ui/toast-store.ts';

/** Waits for the work and says in a toast why it was refused; false: it was. */
export async function sayRefusal(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    toast({ health: 'bad', ...refusalText(error) });
    return false;
  }
}
