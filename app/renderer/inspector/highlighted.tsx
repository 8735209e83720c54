import type { ReactNode } from 'react';

const PARTS =
  /('(?:[^']|'')*')|(\b\d+(?:\.\d+)?\b)|\b(case|when|then|else|end|and|or|not|is|null|in|between|like|ilike|distinct|filter|where|from|true|false)\b|(\b[a-z_]\w*)(?=\()/gi;
const CLASSES = ['', 'tok-s', 'tok-n', 'tok-k', 'tok-f'];

/** An expression in colours where no editor is open. */
export function highlighted(text: string): ReactNode {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(PARTS)) {
    parts.push(text.slice(at, match.index));
    const which = match.findIndex((group, index) => index > 0 && group !== undefined);
    parts.push(
      <span key={match.index} className={CLASSES[which]}>
        {match[0]}
      </span>,
    );
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}
