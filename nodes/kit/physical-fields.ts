import type { PhysicalField } from '../../engine/model/batch.ts';
import type { Field } from '../../engine/model/schema.ts';

/** Columns made by an operator, with the representation it makes them in: text as dictionary ids, json as bytes. */
export function physicalFields(fields: readonly Field[]): PhysicalField[] {
  return fields.map((field) => ({ ...field, as: representation(field) }));
}

function representation(field: Field): PhysicalField['as'] {
  switch (field.type) {
    case 'text':
      return 'dictionary';
    case 'json':
      return 'bytes';
    case 'boolean':
      return 'boolean';
    case 'text[]':
      return 'list';
    default:
      return 'number';
  }
}
