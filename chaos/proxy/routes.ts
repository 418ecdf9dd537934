/** The routes of the HTTP API: which method on which path does what, and what it answers. */

import { populatedText, proxiesText, proxyText, toxicsText, toxicText } from './answers.ts';
import type { Collection } from './collection.ts';
import { asRefusal } from './errors.ts';

/** The version whose behaviour this is. */
export const version = '2.12.0';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface Request {
  readonly collection: Collection;
  /** The names in the path, decoded. */
  readonly proxy: string;
  readonly toxic: string;
  readonly body: string;
}

interface Route {
  readonly methods: readonly string[];
  /** Segments; `*` stands for a name. */
  readonly path: readonly string[];
  readonly answer: (request: Request) => Promise<Answer> | Answer;
}

const json = 'application/json';
const ok = (body: string, status = 200): Answer => ({ status, type: json, body });
const empty: Answer = { status: 204, type: '', body: '' };
const proxyPath = ['proxies', '*'];
const toxicsPath = [...proxyPath, 'toxics'];
const toxicPath = [...toxicsPath, '*'];

const routes: readonly Route[] = [
  {
    methods: ['GET'],
    path: ['version'],
    answer: () => ({ status: 200, type: `${json};charset=utf-8`, body: `{"version": "${version}"}\n` }),
  },
  { methods: ['POST'], path: ['reset'], answer: ({ collection }) => collection.reset().then(() => empty) },
  { methods: ['POST'], path: ['populate'], answer: populate },
  { methods: ['GET'], path: ['proxies'], answer: ({ collection }) => ok(proxiesText(collection.all)) },
  {
    methods: ['POST'],
    path: ['proxies'],
    answer: async ({ collection, body }) => ok(proxyText(await collection.add(body)), 201),
  },
  { methods: ['GET'], path: proxyPath, answer: ({ collection, proxy }) => ok(proxyText(collection.get(proxy))) },
  {
    methods: ['POST', 'PATCH'],
    path: proxyPath,
    answer: async ({ collection, proxy, body }) => ok(proxyText(await collection.update(proxy, body))),
  },
  {
    methods: ['DELETE'],
    path: proxyPath,
    answer: (request) => request.collection.remove(request.proxy).then(() => empty),
  },
  {
    methods: ['GET'],
    path: toxicsPath,
    answer: ({ collection, proxy }) => ok(toxicsText(collection.get(proxy).toxics.all)),
  },
  {
    methods: ['POST'],
    path: toxicsPath,
    answer: async ({ collection, proxy, body }) => ok(toxicText(await collection.get(proxy).toxics.add(body))),
  },
  {
    methods: ['GET'],
    path: toxicPath,
    answer: ({ collection, proxy, toxic }) => ok(toxicText(collection.get(proxy).toxics.get(toxic))),
  },
  {
    methods: ['POST', 'PATCH'],
    path: toxicPath,
    answer: async ({ collection, proxy, toxic, body }) =>
      ok(toxicText(await collection.get(proxy).toxics.update(toxic, body))),
  },
  {
    methods: ['DELETE'],
    path: toxicPath,
    answer: ({ collection, proxy, toxic }) =>
      collection
        .get(proxy)
        .toxics.remove(toxic)
        .then(() => empty),
  },
];

/** The route of a path; `method` where there is the path but not the method, null where there is no such path. */
export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly names: readonly string[] } | 'method' | null {
  const segments = path.slice(1).split('/');
  const there = routes.filter((route) => matches(route.path, segments));
  const route = there.find(({ methods }) => methods.includes(method));
  if (route) return { route, names: segments.filter((_, at) => route.path[at] === '*') };
  return there.length > 0 ? 'method' : null;
}

function matches(path: readonly string[], segments: readonly string[]): boolean {
  return (
    path.length === segments.length &&
    path.every((part, at) => (part === '*' ? segments[at] !== '' : part === segments[at]))
  );
}

/** Its refusals hold the proxies that were made before. */
async function populate({ collection, body }: Request): Promise<Answer> {
  const { proxies, error } = await collection.populate(body);
  const refusal = error === null ? null : asRefusal(error);
  return ok(populatedText(proxies, refusal), refusal?.status ?? 201);
}
