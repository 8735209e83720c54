/** [V3] What a message may be before anything looks at its content. */
export const MAX_MESSAGE_BYTES = 1_048_576;
/** nested objects and arrays; the message itself is the first */
export const MAX_DEPTH = 32;
/** keys of all objects of a message together */
export const MAX_KEYS = 1_000;
