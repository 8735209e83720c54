/** What applying a document to the running plan would do. `nothing`: layout and names only. */
export interface PlanDifference {
  readonly change: 'nothing' | 'settings' | 'rewire';
  readonly nodes: readonly NodeDifference[];
  /** nodes that run on as they are */
  readonly untouched: number;
}

export interface NodeDifference {
  readonly node: string;
  readonly change: 'added' | 'removed' | 'settings' | 'rewired';
  /** the changed settings in words: "threshold 3 to 2.5" */
  readonly words: string;
  /** the short form for the node card: "z > 2.5, was 3" */
  readonly caption: string;
  /** [E8] what becomes of its state. `refused`: it would be lost, a choice is needed */
  readonly state: 'none' | 'kept' | 'fresh' | 'refused';
  /** one sentence about the state: "40 baselines kept", "needs a fresh baseline, 40 baselines given up" */
  readonly stateWords: string;
  /** only with `refused` */
  readonly choices: readonly ApplyChoice[];
}

export interface ApplyChoice {
  /** `fresh`: start this node fresh · `reprocess`: read again from the beginning · `back`: leave this node as it runs */
  readonly choice: 'fresh' | 'reprocess' | 'back';
  readonly title: string;
  readonly consequence: string;
}
