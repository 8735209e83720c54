import type { AnyDefinition } from '../../engine/model/definition.ts';
import type { OperatorModule, Prepared } from '../../engine/stream/operator.ts';
import { definition } from '../../nodes/window/definition.ts';
import type { WindowSettings } from '../../nodes/window/core/window-settings.ts';
import { operator } from '../../nodes/window/operator.ts';

/** The window kind, analysed and compiled once for each settings object and layout: a restore then costs no parsing. */
export function rememberedWindow(settings: WindowSettings): {
  readonly settings: WindowSettings;
  readonly definition: AnyDefinition;
  readonly module: OperatorModule<never>;
} {
  const inferred = new Map<unknown, ReturnType<typeof definition.infer>>();
  const read = new Map<unknown, ReturnType<typeof definition.reads>>();
  const prepared = new Map<string, Prepared>();
  const remember = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
    if (!map.has(key)) map.set(key, make());
    return map.get(key)!;
  };
  return {
    settings,
    definition: {
      ...definition,
      infer: (_: unknown, inputs: Parameters<typeof definition.infer>[1]) =>
        remember(inferred, inputs[0], () => definition.infer(settings, inputs)),
      reads: (_: unknown, inputs: Parameters<typeof definition.reads>[1]) =>
        remember(read, inputs[0], () => definition.reads(settings, inputs)),
    } as unknown as AnyDefinition,
    module: {
      prepare: (_: never, inputs: Parameters<typeof operator.prepare>[1]) =>
        remember(prepared, JSON.stringify(inputs[0]!.layout), () => operator.prepare(settings, inputs)),
    },
  };
}
