import { z } from 'zod';
import type { Port } from '../../engine/model/definition.ts';
import { columnPrefix, field } from './settings.ts';

/** The columns by which two inputs are joined. */
export function equalColumns(help: string) {
  return z
    .array(z.string())
    .max(16)
    .default([])
    .meta(field({ title: 'Equal columns', help, widget: 'fields' }));
}

export const rightPrefix = columnPrefix().meta(
  field({ title: 'Prefix of right columns', help: 'For right columns whose name the left has too.', widget: 'text' }),
);

export const joinPorts: { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] } = {
  inputs: [
    { name: 'left', title: 'left', role: 'main' },
    { name: 'right', title: 'right', role: 'side' },
  ],
  outputs: [
    { name: 'out', title: 'out', role: 'main' },
    { name: 'unmatched', title: 'unmatched', role: 'falls-out' },
    { name: 'late', title: 'late', role: 'falls-out' },
  ],
};
