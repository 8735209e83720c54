import { useStore } from 'zustand';
import type { TemplateEntry } from '../../protocol/catalog.ts';
import { catalogStore } from '../document/catalog-store.ts';
import { createPipeline } from '../document/library-store.ts';
import { plural } from '../ui/figures.ts';
import { openDialog } from '../ui/layout-store.ts';
import { Modal } from '../ui/overlay.tsx';
import { sayRefusal } from './say-refusal.ts';

const close = () => openDialog(undefined);

export function TemplatesDialog() {
  const templates = useStore(catalogStore, (state) => state.catalog.templates);
  const make = (name: string, template?: string) => void sayRefusal(createPipeline(name, template)).then((done) => done && close());
  return (
    <Modal
      open
      onClose={close}
      title="New pipeline"
      note="A template opens as a copy. All of them run without any service."
      width={720}
    >
      <div className="templates">
        <button type="button" className="template" onClick={() => make('Untitled')}>
          <span className="template-picture blank" />
          <b className="med">Empty canvas</b>
          <span className="cap">Draw it yourself</span>
        </button>
        {templates.map((template) => (
          <button key={template.name} type="button" className="template" onClick={() => make(template.title, template.name)}>
            <TemplatePicture template={template} />
            <b className="med">{template.title}</b>
            <span className="cap summary" title={template.summary}>
              {template.summary}
            </span>
            <span className="cap needs">
              {plural(template.nodes, 'node')},{' '}
              {template.needs.length === 0 ? 'needs nothing' : `needs ${template.needs.join(', ')}`}
            </span>
          </button>
        ))}
      </div>
    </Modal>
  );
}

function TemplatePicture({ template }: { template: TemplateEntry }) {
  const { nodes, edges } = template.picture;
  const left = Math.min(...nodes.map((node) => node.x));
  const top = Math.min(...nodes.map((node) => node.y));
  const width = Math.max(...nodes.map((node) => node.x)) - left + 160;
  const height = Math.max(...nodes.map((node) => node.y)) - top + 88;
  const at = new Map(nodes.map((node) => [node.id, node]));
  return (
    <svg className="template-picture" viewBox={`${left - 20} ${top - 20} ${width + 40} ${height + 40}`} aria-hidden>
      {edges.map((edge) => {
        const from = at.get(edge.from);
        const to = at.get(edge.to);
        return from === undefined || to === undefined ? null : (
          <path
            key={`${edge.from} ${edge.to}`}
            d={`M${from.x + 150} ${from.y + 44}C${from.x + 190} ${from.y + 44} ${to.x - 40} ${to.y + 44} ${to.x} ${to.y + 44}`}
          />
        );
      })}
      {nodes.map((node) => (
        <rect key={node.id} className={node.family} x={node.x} y={node.y} width="150" height="88" rx="14" />
      ))}
    </svg>
  );
}
