import { must } from '../../engine/model/assert.ts';
import type { OperatorModule } from '../../engine/stream/operator.ts';
import type { PaneStore } from '../kit/panes.ts';
import type { SessionStore } from '../kit/sessions.ts';
import { WindowGeometry } from '../kit/window-geometry.ts';
import { analyseWindow } from './core/analyse-window.ts';
import { compileWindow } from './core/compile-window.ts';
import { PaneFinal } from './core/pane-final.ts';
import { PanePartial } from './core/pane-partial.ts';
import { SessionFinal } from './core/session-final.ts';
import { SessionPartial } from './core/session-partial.ts';
import { Shared } from './core/shared.ts';
import { fixedLength, gapUs, type WindowSettings } from './core/window-settings.ts';

/** [D2] A partial half for each source partition, and a final half that combines them in a fixed order. */
export const operator: OperatorModule<WindowSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'a window has one input');
    const { window, problems } = analyseWindow(settings, schema);
    must(problems.length === 0 ? true : undefined, 'the settings were accepted');
    const running = settings.window.kind === 'running';
    const aggregation = compileWindow(window, layout, !running);
    const outputs = running ? [aggregation.output] : [aggregation.output, aggregation.output, layout];
    const fixed = fixedLength(settings.window);
    if (fixed !== undefined) {
      const geometry = new WindowGeometry(fixed.sizeUs, fixed.hopUs);
      const meeting = new Meeting(() => new Shared<PaneStore>(aggregation, settings.limits));
      return {
        outputs,
        whole: true,
        create: (context) => new PaneFinal(meeting.final(), geometry, context, settings.fill_gaps),
        partial: (context) => new PanePartial(meeting.partial(), geometry, context.source, context.partition),
      };
    }
    const meeting = new Meeting(() => new Shared<SessionStore>(aggregation, settings.limits));
    const gap = gapUs(settings.window);
    const ports = running ? { out: undefined, updates: 0 } : { out: 0, updates: 1 };
    return {
      outputs,
      whole: true,
      create: (context) => new SessionFinal(meeting.final(), context, ports),
      partial: (context) => new SessionPartial(meeting.partial(), gap, context.source, context.partition),
    };
  },
};

/** Where the halves of one running node find each other: a final half begins a new node, whatever its plan ran before. */
class Meeting<Store> {
  readonly #make: () => Shared<Store>;
  #shared: Shared<Store>;
  #hasFinal = false;

  constructor(make: () => Shared<Store>) {
    this.#make = make;
    this.#shared = make();
  }

  final(): Shared<Store> {
    if (this.#hasFinal) this.#shared = this.#make();
    this.#hasFinal = true;
    return this.#shared;
  }

  partial(): Shared<Store> {
    return this.#shared;
  }
}
