import type { Problem } from '../../engine/model/problem.ts';

/** Every problem: code, place, sentence, and how to mend it. */
export function problemText(problem: Problem): string {
  const place = [problem.node, problem.field ?? problem.edge].filter((part) => part !== undefined).join(' ');
  const head = `${problem.severity} ${problem.code}${place === '' ? '' : ` at ${place}`}`;
  return [head, `  ${problem.message}`, ...(problem.mend === undefined ? [] : [`  ${problem.mend}`])].join('\n');
}

export function printProblems(problems: readonly Problem[], file: string, to: { write(text: string): unknown }): void {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  for (const problem of problems) to.write(`${problemText(problem)}\n`);
  const warnings = problems.length - errors;
  to.write(`${file}: ${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}\n`);
}
