/** A Toxiproxy in this process: its HTTP API and its proxies, without a container. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { posix } from 'node:path';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { refusalText } from './answers.ts';
import { Collection } from './collection.ts';
import { asRefusal, badRequest } from './errors.ts';
import { type Answer, findRoute } from './routes.ts';

export interface ToxiproxyOptions {
  /** 0: any that is free. */
  readonly port?: number;
  /** Where the API listens; the address of this machine alone where not given. */
  readonly host?: string;
}

export interface Toxiproxy extends AsyncDisposable {
  /** Of the API, e.g. `http://127.0.0.1:8474`. */
  readonly url: string;
  /** Closes the API, every proxy and every connection. */
  close(): Promise<void>;
}

/** The longest body that is read. */
const largestBody = 8 * 1024 * 1024;

/** @throws CannotRun where the port is taken or the host is none of this machine's. */
export async function startToxiproxy({ port = 0, host = '127.0.0.1' }: ToxiproxyOptions = {}): Promise<Toxiproxy> {
  const collection = new Collection();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void respond(collection, request, response);
  });
  await listen(server, port, host);
  const close = async () => {
    const closed = server.listening ? once(server, 'close') : null;
    server.close();
    server.closeAllConnections();
    await Promise.all([closed, collection.clear()]);
  };
  return { url: urlOf(server), close, [Symbol.asyncDispose]: close };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EADDRINUSE')
      throw new CannotRun(
        `Port ${port} of ${host} is taken.`,
        'Give another one by --port, or 0 for any that is free.',
      );
    throw new CannotRun(
      `Nothing can listen on port ${port} of ${host} (${code}).`,
      'Give others by --port and --host.',
    );
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('an HTTP server without an address');
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

async function respond(collection: Collection, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body } = await answer(collection, request).catch((error: unknown) => {
    const refusal = asRefusal(error);
    return plain(refusal.status, refusalText(refusal));
  });
  if (type !== '') response.setHeader('content-type', type);
  if (type.startsWith('text/')) response.setHeader('x-content-type-options', 'nosniff');
  if (status === 301) response.setHeader('location', body);
  response.writeHead(status).end(status === 301 ? '' : body);
}

async function answer(collection: Collection, request: IncomingMessage): Promise<Answer> {
  // The whole URL is what proxies send; a URL object would tidy up the path.
  const [, encoded = '', search = ''] = /^(?:https?:\/\/[^/?]*)?([^?]*)(.*)$/.exec(request.url ?? '') ?? [];
  const path = decoded(encoded);
  if (path === null) return plain(400, '400 Bad Request');
  const clean = posix.normalize(path);
  if (clean !== path) return { status: 301, type: '', body: encodeURI(clean) + search };
  const found = findRoute(request.method ?? 'GET', path);
  if (found === null) return plain(404, '404 page not found\n');
  if (found === 'method') return { status: 405, type: '', body: '' };
  if (request.headers['user-agent']?.startsWith('Mozilla/')) return plain(403, 'User agent not allowed\n');
  const [proxy = '', toxic = ''] = found.names;
  return await found.route.answer({ collection, proxy, toxic, body: await read(request) });
}

function plain(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

/** null where it is not encoded as paths are. */
function decoded(path: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(path)) return null;
  try {
    return decodeURIComponent(path);
  } catch {
    // Bytes that are no text are the name of nothing.
    return path;
  }
}

/** @throws ApiError where it is longer than anything that makes sense */
async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > largestBody) throw badRequest('it is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
