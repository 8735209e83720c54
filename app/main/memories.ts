import type { Schema } from '../../engine/model/schema.ts';
import type { Type } from '../../engine/model/type.ts';
import { CompileMemory } from '../../engine/plan/compile-memory.ts';

/** documents that are edited at the same time and remembered */
const KEPT_DOCUMENTS = 8;

/** What the checker remembers from one keystroke to the next, for each open document. */
export class Memories {
  readonly #compile = new Map<string, CompileMemory>();
  /** a schema object lives as long as the memory that inferred it */
  readonly #types = new WeakMap<Schema, Map<string, Type | undefined>>();

  /** The least recently asked document is forgotten first. */
  of(documentId: string): CompileMemory {
    const memory = this.#compile.get(documentId) ?? new CompileMemory();
    this.#compile.delete(documentId);
    this.#compile.set(documentId, memory);
    for (const oldest of this.#compile.keys()) {
      if (this.#compile.size <= KEPT_DOCUMENTS) break;
      this.#compile.delete(oldest);
    }
    return memory;
  }

  /** Result type of an expression over rows of this schema, analysed once. */
  type(schema: Schema, text: string, analyse: () => Type | undefined): Type | undefined {
    let known = this.#types.get(schema);
    if (known === undefined) {
      known = new Map();
      this.#types.set(schema, known);
    }
    if (!known.has(text)) known.set(text, analyse());
    return known.get(text);
  }
}
