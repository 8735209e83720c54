import { timingSafeEqual } from 'node:crypto';
import type { Refusal } from '../protocol/refusal.ts';

export interface AccessRequest {
  readonly method: string;
  readonly path: string;
  /** lower-case names */
  header(name: string): string | undefined;
}

export interface Access {
  readonly token: string;
  /** the port it listens on: part of the cookie's name, of Host and of Origin */
  readonly port: number;
}

/** Paths that need no session: the page's own files show nothing of the user's. */
const OPEN_METHODS = new Set(['GET', 'HEAD']);

export function cookieName(port: number): string {
  return `telemetra_${port}`;
}

export function sessionCookie({ token, port }: Access): string {
  return `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

export function sameToken(given: string, token: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Deny by default. Host must be ours exactly (DNS rebinding); Origin, where a browser sends one, too, and on every request that changes
 * something or opens a socket; the session comes by cookie or bearer token. undefined: let in.
 */
export function refuseAccess(
  request: AccessRequest,
  access: Access,
  kind: 'api' | 'session' | 'socket' | 'page',
): (Refusal & { status: 401 | 403 }) | undefined {
  const hosts = [`127.0.0.1:${access.port}`, `localhost:${access.port}`];
  const host = request.header('host');
  if (host === undefined || !hosts.includes(host)) {
    return {
      status: 403,
      code: 'forbidden',
      message: 'This server answers only to its own address.',
      mend: 'Open the link printed in the terminal.',
    };
  }
  const origin = request.header('origin');
  const site = request.header('sec-fetch-site');
  const foreign =
    (origin !== undefined && origin !== `http://${host}`) || (site !== undefined && site !== 'same-origin' && site !== 'none');
  // a link in another page may open ours, but never call the API behind it
  if (foreign && kind !== 'page') return { status: 403, code: 'forbidden', message: 'Requests from other pages are refused.' };
  const bearer = bearerOf(request.header('authorization'));
  const changes = !OPEN_METHODS.has(request.method) || kind === 'socket';
  if (changes && origin === undefined && bearer === undefined && kind !== 'session') {
    return {
      status: 403,
      code: 'forbidden',
      message: 'A browser names its origin; a script sends "Authorization: Bearer" with the token.',
    };
  }
  if (kind === 'page' || kind === 'session') return undefined;
  const given = bearer ?? cookieOf(request.header('cookie'), cookieName(access.port));
  if (given === undefined || !sameToken(given, access.token)) {
    return { status: 401, code: 'unauthorised', message: 'There is no session.', mend: 'Open the link printed in the terminal.' };
  }
  return undefined;
}

function bearerOf(header: string | undefined): string | undefined {
  return header?.startsWith('Bearer ') === true ? header.slice(7) : undefined;
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
