import { NodeResizer, type NodeProps } from '@xyflow/react';
import { memo, useState, type ChangeEvent } from 'react';
import { documentStore } from '../document/document-store.ts';
import { putComment, putGroup, snap } from '../document/edits.ts';
import type { CommentNode as CommentNodeType, GroupNode as GroupNodeType } from './flow-parts.ts';

/** What is typed stands in the field at once: the document comes back by way of the canvas, later than the next key. */
function useTyped(value: string, write: (text: string) => void) {
  const [typing, setTyping] = useState<string>();
  return {
    value: typing ?? value,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      setTyping(event.target.value);
      write(event.target.value);
    },
    onBlur: () => setTyping(undefined),
  };
}

/** A titled frame behind nodes. Moving it moves what stands on it. */
export const GroupFrame = memo(function GroupFrame({ data: { group }, selected }: NodeProps<GroupNodeType>) {
  const typed = useTyped(group.title, (title) =>
    documentStore.edit('Name group', putGroup({ ...group, title }), `group:${group.id}`),
  );
  return (
    <div className={`frame${selected ? ' selected' : ''}`}>
      <NodeResizer
        isVisible={selected}
        minWidth={120}
        minHeight={80}
        onResizeEnd={(_, size) =>
          documentStore.edit(
            'Resize group',
            putGroup({ ...group, x: snap(size.x), y: snap(size.y), width: snap(size.width), height: snap(size.height) }),
          )
        }
      />
      <input className="nodrag" placeholder="Name the group" aria-label="Name of the group" maxLength={120} {...typed} />
    </div>
  );
});

export const CommentCard = memo(function CommentCard({ data: { comment }, selected }: NodeProps<CommentNodeType>) {
  const [editing, setEditing] = useState(comment.text === '');
  const typed = useTyped(comment.text, (text) =>
    documentStore.edit('Write comment', putComment({ ...comment, text }), `comment:${comment.id}`),
  );
  return (
    <div className={`comment${selected ? ' selected' : ''}`} onDoubleClick={() => setEditing(true)}>
      <NodeResizer
        isVisible={selected}
        minWidth={96}
        minHeight={40}
        onResizeEnd={(_, size) =>
          documentStore.edit(
            'Resize comment',
            putComment({ ...comment, x: snap(size.x), y: snap(size.y), width: snap(size.width), height: snap(size.height) }),
          )
        }
      />
      {editing ? (
        <textarea
          className="nodrag nowheel"
          autoFocus
          placeholder="Write a comment"
          aria-label="Text of the comment"
          maxLength={4000}
          {...typed}
          onBlur={() => {
            typed.onBlur();
            setEditing(false);
          }}
        />
      ) : (
        <p>{comment.text || 'Double-click to write'}</p>
      )}
    </div>
  );
});
