import type { DecodeSpec } from '../model/decode-spec.ts';
import type { LocalProblem } from '../model/definition.ts';
import type { Schema } from '../model/schema.ts';

/** [V5] The columns a source's messages become, or what is wrong with its settings. Pure. */
export function inferSourceSchema(spec: DecodeSpec): { schema: Schema | undefined; problems: LocalProblem[] } {
  throw new Error(`bug: not built yet (${spec.format})`);
}
