import { NodeResizer, type NodeProps } from '@xyflow/react';
import { memo, useState } from 'react';
import { documentStore } from '../document/document-store.ts';
import { putComment, putGroup, snap } from '../document/edits.ts';
import type { CommentNode as CommentNodeType, GroupNode as GroupNodeType } from './flow-parts.ts';

/** A titled frame behind nodes. Moving it moves what stands on it. */
export const GroupFrame = memo(function GroupFrame({ data: { group }, selected }: NodeProps<GroupNodeType>) {
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
      <input
        className="nodrag"
        value={group.title}
        placeholder="Name the group"
        aria-label="Name of the group"
        onChange={(event) =>
          documentStore.edit('Name group', putGroup({ ...group, title: event.target.value.slice(0, 120) }), `group:${group.id}`)
        }
      />
    </div>
  );
});

export const CommentCard = memo(function CommentCard({ data: { comment }, selected }: NodeProps<CommentNodeType>) {
  const [editing, setEditing] = useState(comment.text === '');
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
          value={comment.text}
          placeholder="Write a comment"
          aria-label="Text of the comment"
          onBlur={() => setEditing(false)}
          onChange={(event) =>
            documentStore.edit(
              'Write comment',
              putComment({ ...comment, text: event.target.value.slice(0, 4000) }),
              `comment:${comment.id}`,
            )
          }
        />
      ) : (
        <p>{comment.text || 'Double-click to write'}</p>
      )}
    </div>
  );
});
