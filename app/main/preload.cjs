/* oxlint-disable unicorn/no-empty-file */
'use strict';
// Nothing is handed to the page: it talks to the server as in a browser. Plain JavaScript, for a sandboxed preload is not stripped of types.
