import { autocompletion, completionKeymap, type Completion, type CompletionContext } from '@codemirror/autocomplete';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import type { Field } from '../../../engine/model/schema.ts';
import type { FunctionEntry } from '../../protocol/catalog.ts';

const look = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--series-4)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--series-3)' },
  { tag: tags.string, color: 'var(--series-6)' },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name), tags.typeName], color: 'var(--series-5)' },
  { tag: tags.comment, color: 'var(--text-3)' },
]);

const frame = EditorView.theme({
  '&': { fontFamily: 'var(--font-data)', fontSize: '11.5px', color: 'var(--text-1)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-data)', lineHeight: '17px', overflow: 'hidden' },
  '.cm-content': { padding: '5px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '.cm-placeholder': { color: 'var(--text-3)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 30%, transparent)',
  },
  '.cm-tooltip': {
    border: '0',
    borderRadius: '8px',
    background: 'var(--surface-raised)',
    boxShadow: 'var(--shadow-popover)',
    color: 'var(--text-1)',
    zIndex: '90',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-data)', fontSize: '11.5px', maxHeight: '220px' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--accent-soft)', color: 'var(--text-1)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal', marginLeft: '10px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '0', fontFamily: 'var(--font-ui)' },
});

/** One PostgreSQL expression: columns and functions offered, the error underlined where it is. */
export function ExpressionEditor({
  value,
  fields,
  functions,
  error,
  onChange,
  onFocus,
  onBlur,
  label,
  autoFocus,
}: {
  value: string;
  fields: readonly Field[];
  functions: readonly FunctionEntry[];
  error: { readonly position: number | undefined; readonly message: string } | undefined;
  onChange: (value: string) => void;
  onFocus?: () => void;
  onBlur?: () => void;
  label: string;
  autoFocus?: boolean;
}) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const first = useRef(value);
  const wrong = error?.message;
  const wrongAt = error?.position;
  const latest = useRef({ fields, functions, onChange, onFocus, onBlur });
  latest.current = { fields, functions, onChange, onFocus, onBlur };

  useEffect(() => {
    const named = new Compartment();
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          sql({ dialect: PostgreSQL }),
          syntaxHighlighting(look),
          frame,
          EditorView.lineWrapping,
          lintGutter({ tooltipFilter: () => [] }),
          placeholder('Expression'),
          named.of(EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' })),
          autocompletion({
            override: [(context) => complete(context, latest.current.fields, latest.current.functions)],
            icons: false,
            activateOnTyping: true,
          }),
          keymap.of(completionKeymap),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
            if (update.focusChanged) (update.view.hasFocus ? latest.current.onFocus : latest.current.onBlur)?.();
          }),
        ],
      }),
    });
    view.current = editor;
    if (autoFocus === true) editor.focus();
    return () => editor.destroy();
    // the editor lives as long as the field; what changes is handed to it below
  }, [label, autoFocus]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    const at = Math.min(wrongAt ?? 0, Math.max(0, editor.state.doc.length - 1));
    const word = /^\w*/.exec(editor.state.doc.sliceString(at))?.[0].length ?? 0;
    const to = wrongAt === undefined ? editor.state.doc.length : Math.min(editor.state.doc.length, at + Math.max(1, word));
    editor.dispatch(
      setDiagnostics(
        editor.state,
        wrong === undefined || editor.state.doc.length === 0 ? [] : [{ from: at, to, severity: 'error', message: wrong }],
      ),
    );
  }, [wrong, wrongAt, value]);

  return <div ref={host} className={`field expression${error === undefined ? '' : ' error'}`} />;
}

function complete(context: CompletionContext, fields: readonly Field[], functions: readonly FunctionEntry[]) {
  const word = context.matchBefore(/\w*/);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  const options: Completion[] = [
    ...fields.map((field): Completion => ({ label: field.name, detail: field.type, type: 'property', boost: 2 })),
    ...functions.map((entry): Completion => ({
      label: entry.name,
      detail: entry.signature.slice(entry.name.length),
      type: 'function',
      apply: `${entry.name}(`,
      ...(entry.help === '' ? {} : { info: entry.help }),
    })),
    ...[
      'CASE',
      'WHEN',
      'THEN',
      'ELSE',
      'END',
      'AND',
      'OR',
      'NOT',
      'IS NULL',
      'IN',
      'BETWEEN',
      'LIKE',
      'ILIKE',
      'DISTINCT',
      'FILTER (WHERE ',
    ].map((label): Completion => ({ label, type: 'keyword', boost: -1 })),
  ];
  return { from: word.from, options, validFor: /^\w*$/ };
}
