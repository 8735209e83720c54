import type { SinkModule, SourceModule } from '../engine/stream/connector.ts';
import type { OperatorModule, SinkOperatorModule } from '../engine/stream/operator.ts';

/** What a kind's folder exports at run time: `operator.ts` → operator or encoder, `connector.ts` → source or sink. */
export interface KindRuntime {
  readonly operator?: OperatorModule<unknown> | undefined;
  readonly encoder?: SinkOperatorModule<unknown> | undefined;
  readonly source?: SourceModule<unknown> | undefined;
  readonly sink?: SinkModule<unknown> | undefined;
}

/** Loads only the kinds that a pipeline uses. `kind` must come from the catalogue: it names a folder. */
export async function loadKind(kind: string, role: 'source' | 'operator' | 'sink'): Promise<KindRuntime> {
  const operator = role === 'source' ? {} : ((await import(`./${kind}/operator.ts`)) as KindRuntime);
  const connector = role === 'operator' ? {} : ((await import(`./${kind}/connector.ts`)) as KindRuntime);
  return { operator: operator.operator, encoder: operator.encoder, source: connector.source, sink: connector.sink };
}
