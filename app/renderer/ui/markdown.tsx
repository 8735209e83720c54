import { Fragment, type ReactNode } from 'react';

/** The Markdown of help texts: paragraphs, lists, headings, `code`, **strong**, code blocks. No HTML passes through. */
export function Markdown({ text }: { text: string }) {
  const blocks = text.trim().split(/\n\s*\n/);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  );
}

function Block({ text }: { text: string }) {
  if (text.startsWith('```')) return <pre className="mono">{text.replace(/^```\w*\n?|\n?```$/g, '')}</pre>;
  const heading = /^#{1,4}\s+(.*)$/.exec(text);
  if (heading !== null) return <h4>{inline(heading[1]!)}</h4>;
  const lines = text.split('\n');
  if (lines.every((line) => /^\s*[-*]\s+/.test(line))) {
    return (
      <ul>
        {lines.map((line, index) => (
          <li key={index}>{inline(line.replace(/^\s*[-*]\s+/, ''))}</li>
        ))}
      </ul>
    );
  }
  return <p>{inline(text.replaceAll('\n', ' '))}</p>;
}

/** One line of it, for help texts beside a field. */
export function Inline({ text }: { text: string }) {
  return inline(text);
}

function inline(text: string): ReactNode {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/).map((part, index) => {
    if (part.startsWith('`'))
      return (
        <code key={index} className="mono">
          {part.slice(1, -1)}
        </code>
      );
    if (part.startsWith('**'))
      return (
        <b key={index} className="med">
          {part.slice(2, -2)}
        </b>
      );
    if (/^\*[^*]+\*$/.test(part)) return <em key={index}>{part.slice(1, -1)}</em>;
    return <Fragment key={index}>{part}</Fragment>;
  });
}
