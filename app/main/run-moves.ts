import type { RunState } from '../../engine/model/run-event.ts';
import type { RunMove } from '../protocol/run.ts';

/** The legal moves of a run, by state: the whole state machine of the supervisor. */
export const RUN_MOVES: Readonly<Record<RunState, readonly RunMove[]>> = {
  starting: ['stop', 'kill'],
  running: ['pause', 'drain', 'stop', 'kill', 'apply'],
  paused: ['resume', 'drain', 'stop', 'kill', 'apply'],
  draining: ['stop', 'kill'],
  stopping: ['kill'],
  stopped: ['start'],
  completed: ['start'],
  failed: ['start'],
};

export function mayMove(state: RunState | undefined, move: RunMove): boolean {
  return state === undefined ? move === 'start' : RUN_MOVES[state].includes(move);
}

/** The runner process is there. */
export function isAlive(state: RunState): boolean {
  return state !== 'stopped' && state !== 'completed' && state !== 'failed';
}
