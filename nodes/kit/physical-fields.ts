import type { PhysicalField } from '../../engine/model/batch.ts';
import { physicalForm } from '../../engine/model/physical-form.ts';
import type { Field } from '../../engine/model/schema.ts';

/** Columns made by an operator, with the representation it makes them in: text as dictionary ids, json as bytes. */
export function physicalFields(fields: readonly Field[]): PhysicalField[] {
  return fields.map((field) => ({ ...field, as: physicalForm(field.type, 'dictionary') }));
}
