import type { KindEntry } from '../../protocol/catalog.ts';
import { Icon } from '../ui/icon.tsx';
import { Inline, Markdown } from '../ui/markdown.tsx';
import { sentenceOf } from './schema-reading.ts';

const TAKES: Readonly<Record<string, string>> = {
  append: 'input, takes final rows',
  'append,updates': 'input, takes final rows and updates by key',
  updates: 'input, takes updates by key',
};

/** Everything about a kind, made from its definition. */
export function DocsTab({ entry }: { entry: KindEntry }) {
  return (
    <div className="docs">
      <Markdown text={entry.help} />
      <h4>What survives a crash</h4>
      <p className="row top">
        <Icon name="shield-check" />
        <span className="t2 text">
          <Inline text={entry.guarantee} />
        </span>
      </p>
      <h4>Ports</h4>
      <ul className="plain-list">
        {entry.inputs.map((port) => (
          <li key={`in ${port.name}`}>
            <span className="mono">{port.name}</span> <span className="cap">{TAKES[entry.accepts.join()]}</span>
          </li>
        ))}
        {entry.outputs.map((port) => (
          <li key={`out ${port.name}`}>
            <span className="mono">{port.name}</span>{' '}
            <span className="cap">{port.role === 'falls-out' ? 'output, only rows that fall out' : 'output'}</span>
          </li>
        ))}
      </ul>
      <h4>Settings</h4>
      <dl className="settings-help">
        {Object.entries(entry.settings.properties ?? {}).map(([name, property]) => (
          <div key={name}>
            <dt>
              {property.title ?? sentenceOf(name)} <span className="mono t3">{name}</span>
            </dt>
            {property.help !== undefined && (
              <dd className="cap">
                <Inline text={property.help} />
              </dd>
            )}
          </div>
        ))}
      </dl>
      {entry.examples.length > 0 && <h4>Examples</h4>}
      {entry.examples.map((example) => (
        <div key={example.title} className="example">
          <b className="med">{example.title}</b>
          <pre className="mono">{JSON.stringify(example.settings, null, 2)}</pre>
          <span className="cap">Rows in</span>
          <pre className="mono">
            {example.inputs
              .flat()
              .slice(0, 6)
              .map((row) => JSON.stringify(row))
              .join('\n')}
          </pre>
          {Object.entries(example.outputs).map(([port, rows]) => (
            <div key={port}>
              <span className="cap">Rows out of {port}</span>
              <pre className="mono">
                {rows
                  .slice(0, 6)
                  .map((row) => JSON.stringify(row))
                  .join('\n') || 'none'}
              </pre>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
