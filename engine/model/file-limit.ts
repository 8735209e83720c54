/** Of a pipeline file, bytes of UTF-8: the same for the command line, the server and the page. */
export const MAX_FILE_BYTES = 10_485_760;
