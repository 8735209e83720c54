import { createContext } from 'react';
import type { Problem } from '../../../engine/model/problem.ts';
import type { Field } from '../../../engine/model/schema.ts';
import type { Type } from '../../../engine/model/type.ts';
import type { PipelineNode } from '../document/pipeline-draft.ts';

/** What every field of a form may ask for. */
export interface FormContextValue {
  readonly node: PipelineNode;
  /** columns that come in (of a source: those it makes) */
  readonly fields: readonly Field[];
  readonly problems: readonly Problem[];
  /** result types of expressions by path */
  readonly types: Readonly<Record<string, Type>>;
  /** newest value of a column, to recognise it by */
  readonly sample: (column: string) => string | undefined;
  readonly set: (path: string, value: unknown, title: string) => void;
}

export const FormContext = createContext<FormContextValue | undefined>(undefined);
