import { must } from '../model/assert.ts';
import type { Layout } from '../model/batch.ts';
import type { Plan, Step } from '../plan/plan.ts';
import { BusyMeter } from './busy-meter.ts';
import { FateCounter } from './ledger.ts';
import type { Context, InputShape, Operator, OperatorModule, Out, Prepared, SinkOperator, SinkOperatorModule } from './operator.ts';

/** The runtime half of each step's kind, resolved by the host. */
export interface StepModule {
  readonly operator?: OperatorModule<unknown> | undefined;
  readonly encoder?: SinkOperatorModule<unknown> | undefined;
}

/** A step of the plan while it runs. */
export interface RunningStep {
  readonly step: Step;
  /** stage 1: once per lane · combine: partial per origin + one final · whole: one instance · sink: one encoder */
  readonly mode: 'source' | 'lane' | 'combine' | 'whole' | 'sink';
  readonly prepared: Prepared | undefined;
  readonly layouts: readonly Layout[];
  /** per output port: who reads it */
  readonly targets: readonly (readonly { readonly step: number; readonly input: number }[])[];
  readonly latePort: number;
  single: Operator | SinkOperator | undefined;
  singleOut: Out | undefined;
  /** what it has sent, µs */
  watermark: number;
  idle: boolean;
  readonly fates: FateCounter;
  readonly busy: BusyMeter;
}

export interface PreparedStep {
  readonly running: RunningStep;
  /** makes the single instance; undefined: a source, or one instance a lane */
  readonly create: ((context: Context) => Operator | SinkOperator) | undefined;
}

/**
 * Where a step runs: stage 1 (once per lane) as long as all its inputs are stage 1 and it does not ask for the whole; a combining
 * node in both; everything behind a combination once. `before` are the steps in front of it.
 */
export function prepareStep(plan: Plan, step: Step, module: StepModule, before: readonly RunningStep[]): PreparedStep {
  const shapes: InputShape[] = [];
  let staged = true;
  for (const input of step.inputs) {
    const from = before[must(input, `input of ${step.node}`).step]!;
    shapes.push({ schema: from.step.outputs[input!.port]!, layout: from.layouts[input!.port]! });
    if (from.mode !== 'source' && from.mode !== 'lane') staged = false;
  }
  const prepared =
    step.role === 'operator' ? must(module.operator, `operator of ${step.kind}`).prepare(step.settings, shapes) : undefined;
  const mode = modeOf(step, prepared, staged);
  const running: RunningStep = {
    step,
    mode,
    prepared,
    layouts: step.role === 'source' ? step.wanted : (prepared?.outputs ?? []),
    targets: step.outputPorts.map((_, port) =>
      plan.steps.flatMap((other) =>
        other.inputs.flatMap((input, index) =>
          input !== undefined && input.step === step.index && input.port === port ? [{ step: other.index, input: index }] : [],
        ),
      ),
    ),
    latePort: step.outputPorts.indexOf('late'),
    single: undefined,
    singleOut: undefined,
    watermark: -Infinity,
    idle: false,
    fates: new FateCounter(step.outputPorts.length),
    busy: new BusyMeter(),
  };
  if (mode === 'sink') {
    const encoder = must(module.encoder, `encoder of ${step.kind}`).prepare(step.settings, shapes);
    return { running, create: (context) => encoder.create(context) };
  }
  return { running, create: mode === 'whole' || mode === 'combine' ? (context) => prepared!.create(context) : undefined };
}

function modeOf(step: Step, prepared: Prepared | undefined, staged: boolean): RunningStep['mode'] {
  if (step.role !== 'operator') return step.role;
  if (prepared!.partial !== undefined) return 'combine';
  return prepared!.whole || !staged ? 'whole' : 'lane';
}
