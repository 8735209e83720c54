/** Why a message is no row. Thrown and caught inside engine/decode only; the codes are explained in docs/dead-letters.md. */
export type RefusalCode =
  | 'no_message'
  | 'message_too_large'
  | 'invalid_utf8'
  | 'invalid_json'
  | 'too_deep'
  | 'too_many_keys'
  | 'duplicate_key'
  | 'lone_surrogate'
  | 'nul_character'
  | 'number_out_of_range'
  | 'missing_field'
  | 'wrong_type'
  | 'out_of_range'
  | 'decimal_inexact'
  | 'invalid_timestamp'
  | 'schema_mismatch';

export class Refusal {
  readonly code: RefusalCode;
  readonly sentence: string;
  constructor(code: RefusalCode, sentence: string) {
    this.code = code;
    this.sentence = sentence;
  }
}

const SHOWN = 60;

/** A value as JSON, cut for a sentence. */
export function shortened(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, SHOWN * 2)) : JSON.stringify(value);
  if (text.length <= SHOWN) return text;
  const cut = text.slice(0, SHOWN);
  const last = cut.charCodeAt(SHOWN - 1);
  return `${last >= 0xd800 && last < 0xdc00 ? cut.slice(0, -1) : cut}…`;
}
