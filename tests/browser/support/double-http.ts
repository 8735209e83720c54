import { createReadStream, existsSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import type { PipelineDocument } from '../../../engine/model/pipeline.ts';

const PAGE = join(import.meta.dirname, '../../../dist/page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws:; object-src 'none'; base-uri 'none'";

/** what a request may carry; the double believes it */
export interface Body {
  readonly document: PipelineDocument;
  readonly revision: number;
  readonly baseRevision: number;
  readonly name: string;
  readonly text: string;
  readonly from?: string;
  readonly template?: string;
}

/** a file of the built page */
export function serve(path: string, response: ServerResponse): void {
  const file = join(PAGE, normalize(path === '/' ? '/index.html' : path));
  if (!file.startsWith(PAGE) || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': CSP });
  createReadStream(file).pipe(response);
}

export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return (text === '' ? {} : JSON.parse(text)) as Body;
}
