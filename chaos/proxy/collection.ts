/** All proxies of a server, by their names. */

import { missingField, proxyExists, proxyNotFound } from './errors.ts';
import { readBody, readList, readMembers, readSwitch, readText } from './fields.ts';
import type { Members } from './json.ts';
import { makeLock } from './lock.ts';
import { FaultProxy } from './proxy.ts';

/** What became of a list: the proxies that were done, and what stopped it. */
export interface Populated {
  readonly proxies: readonly FaultProxy[];
  readonly error: unknown;
}

export class Collection {
  readonly #proxies = new Map<string, FaultProxy>();
  readonly #oneAtATime = makeLock();

  get all(): readonly FaultProxy[] {
    return [...this.#proxies.values()];
  }

  /** @throws ApiError */
  get(name: string): FaultProxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw proxyNotFound();
    return proxy;
  }

  /** @throws ApiError; then nothing is stored. */
  add(body: string): Promise<FaultProxy> {
    return this.#oneAtATime(async () => {
      const given = demand(readProxy(readMembers(readBody(body), 'the proxy')), '');
      if (this.#proxies.has(given.name)) throw proxyExists();
      return await this.#store(given);
    });
  }

  /** Reads the whole list first, then makes one after the other; what is there and the same stays untouched. */
  populate(body: string): Promise<Populated> {
    return this.#oneAtATime(async () => {
      const proxies: FaultProxy[] = [];
      try {
        const list = readList(readBody(body), 'the list of proxies');
        const read = list.map((one) => readProxy(readMembers(one, 'a proxy')));
        read.forEach((given, at) => void demand(given, ` at proxy ${at + 1}`));
        for (const given of read) proxies.push(await this.#replace(given));
        return { proxies, error: null };
      } catch (error) {
        return { proxies, error };
      }
    });
  }

  /** @throws ApiError */
  update(name: string, body: string): Promise<FaultProxy> {
    const proxy = this.get(name);
    const given = readMembers(readBody(body), 'the proxy');
    readText(given, 'name', name);
    return proxy
      .update((now) => ({
        listen: readText(given, 'listen', now.listen),
        upstream: readText(given, 'upstream', now.upstream),
        enabled: readSwitch(given, 'enabled', now.enabled),
      }))
      .then(() => proxy);
  }

  /** @throws ApiError */
  remove(name: string): Promise<void> {
    return this.#oneAtATime(async () => {
      const proxy = this.get(name);
      await proxy.stop();
      this.#proxies.delete(name);
    });
  }

  /** Enables all, without toxics. @throws ApiError where one cannot listen. */
  async reset(): Promise<void> {
    for (const proxy of this.all) {
      await proxy.start();
      await proxy.toxics.removeAll();
    }
  }

  /** Stops and forgets all. */
  clear(): Promise<void> {
    return this.#oneAtATime(async () => {
      await Promise.all(this.all.map((proxy) => proxy.stop()));
      this.#proxies.clear();
    });
  }

  async #replace(given: Given): Promise<FaultProxy> {
    const existing = this.#proxies.get(given.name);
    if (existing) {
      if (!(await existing.isElsewhere(given))) return existing;
      await existing.stop();
    }
    return await this.#store(given);
  }

  async #store({ name, listen, upstream, enabled }: Given): Promise<FaultProxy> {
    const proxy = new FaultProxy(name, listen, upstream);
    if (enabled) await proxy.start();
    this.#proxies.set(name, proxy);
    return proxy;
  }
}

interface Given {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

function readProxy(members: Members): Given {
  return {
    name: readText(members, 'name', ''),
    listen: readText(members, 'listen', ''),
    upstream: readText(members, 'upstream', ''),
    enabled: readSwitch(members, 'enabled', true),
  };
}

/** @throws ApiError where a name or an upstream is missing */
function demand(given: Given, where: string): Given {
  if (given.name === '') throw missingField(`name${where}`);
  if (given.upstream === '') throw missingField(`upstream${where}`);
  return given;
}
