import type { NodeMeter, RunEvent, RunState } from '../../engine/model/run-event.ts';

type EpochReport = Extract<RunEvent, { type: 'epoch' }>['report'];

/** What a loop has said, by kind. */
export interface RunReport {
  readonly states: RunState[];
  readonly lines: string[];
  readonly epochs: EpochReport[];
  meters: Readonly<Record<string, NodeMeter>> | undefined;
}
