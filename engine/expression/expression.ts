/**
 * Expressions: PostgreSQL text → checked and typed → batch kernels, and back to PostgreSQL text (`docs/expressions.md`).
 * loadParser once, then analyse → compile or compileCondition, once per plan; evaluate or select for each batch.
 */
export { analyse, analyseAggregate } from './analyse.ts';
export { compile, compileCondition, type Condition, type Kernel, type Selection } from './compile.ts';
export { FailedRows } from './failed-rows.ts';
export { functionList } from './function-table.ts';
export { nearestName } from '../model/nearest-name.ts';
export { load as loadParser } from './parser.ts';
export { quotedName } from './sql-text.ts';
export { sqlOf } from './sql-of.ts';
export type { AggregateAnalysis, AggregateCall, AggregateSignature, Analysis, ExpressionProblem, Typed } from './typed.ts';
