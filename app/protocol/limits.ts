export { MAX_FILE_BYTES } from '../../engine/model/file-limit.ts';

/** Of a request: a pipeline file as text within JSON, escapes included. */
export const MAX_REQUEST_BYTES = 24 * 1024 * 1024;
