import { lazy, Suspense, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api } from '../../protocol/api.ts';
import type { Evaluated } from '../../protocol/check.ts';
import { catalogStore } from '../document/catalog-store.ts';
import { documentStore } from '../document/document-store.ts';
import { ask, Refused } from '../run/client.ts';
import { cellText } from '../ui/figures.ts';
import { FormContext } from './form-context.ts';

const WAIT_MS = 300;

/** the editor is a third of the page's code and needed only when an expression is open */
const ExpressionEditor = lazy(async () => ({ default: (await import('./expression-editor.tsx')).ExpressionEditor }));

/** An expression with its value on the latest real row while it is being edited. */
export function ExpressionField({
  path,
  value,
  title,
  autoFocus,
}: {
  path: string;
  value: string;
  title: string;
  autoFocus?: boolean;
}) {
  const context = useContext(FormContext)!;
  const functions = useStore(catalogStore, (state) => state.catalog.functions);
  const [focused, setFocused] = useState(false);
  const [result, setResult] = useState<Evaluated>();
  const problem = context.problems.find((entry) => entry.field === path && entry.severity === 'error');
  const nodeId = context.node.id;

  useEffect(() => {
    if (!focused || problem !== undefined) return;
    const timer = setTimeout(() => {
      ask(api.evaluate, {}, { document: documentStore.getState().document, node: nodeId, field: path }).then(
        setResult,
        (error: unknown) => {
          if (!(error instanceof Refused)) throw error;
          setResult(undefined);
        },
      );
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [focused, value, problem, nodeId, path]);

  return (
    <>
      <Suspense fallback={<div className="field mono">{value}</div>}>
        <ExpressionEditor
          value={value}
          fields={context.fields}
          functions={functions}
          error={problem === undefined ? undefined : { position: problem.position, message: problem.message }}
          onChange={(next) => context.set(path, next, title)}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          label={title}
          {...(autoFocus === undefined ? {} : { autoFocus })}
        />
      </Suspense>
      {focused && problem === undefined && result?.of !== undefined && (
        <p className="result cap">
          <span className="grow clip">{result.of}</span>
          <span className="t1 med clip">
            {result.value === null || result.value === undefined ? 'null' : cellText(result.value)}
          </span>
        </p>
      )}
    </>
  );
}
