/** `metrics:{stream_id}`: literal text and columns; `{{` and `}}` stand for the braces themselves. */
export type KeyTemplate = readonly (string | { readonly column: string })[];

const PART = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]{0,62})\}|[{}]/g;

/** undefined: a brace stands alone, or the braces hold no column name. */
export function parseKeyTemplate(text: string): KeyTemplate | undefined {
  const parts: (string | { column: string })[] = [];
  let literal = '';
  let end = 0;
  for (const match of text.matchAll(PART)) {
    literal += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0] === '{{' || match[0] === '}}') literal += match[0][0]!;
    else if (match[1] === undefined) return undefined;
    else {
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push({ column: match[1] });
    }
  }
  literal += text.slice(end);
  if (literal !== '') parts.push(literal);
  return parts;
}

/** The columns of a template, each once, in order of first use. */
export function columnsOfTemplate(template: KeyTemplate): readonly string[] {
  return [...new Set(template.flatMap((part) => (typeof part === 'string' ? [] : [part.column])))];
}

export function renderKey(template: KeyTemplate, valueOf: (column: string) => string): string {
  let key = '';
  for (const part of template) key += typeof part === 'string' ? part : valueOf(part.column);
  return key;
}
