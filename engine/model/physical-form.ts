import type { PhysicalField } from './batch.ts';
import type { Type } from './type.ts';

/** How a column of this type travels; text as ids of a dictionary, or as the bytes of the message. */
export function physicalForm(type: Type, text: 'dictionary' | 'bytes'): PhysicalField['as'] {
  switch (type) {
    case 'text':
      return text;
    case 'json':
      return 'bytes';
    case 'text[]':
      return 'list';
    case 'boolean':
      return 'boolean';
    default:
      return 'number';
  }
}
