/** The toxics of one proxy, and the links of its connections on which they work. */

import { invalidStream, invalidType, toxicExists, toxicNotFound } from './errors.ts';
import { field, readBody, readFraction, readInteger, readMembers, readText } from './fields.ts';
import type { Members } from './json.ts';
import { type Attributes, findKind, type Kind, kindOf, refuseDeadly, type Stream, type Toxic } from './kinds.ts';
import { Link } from './link.ts';
import { makeLock } from './lock.ts';
import type { Wire } from './wire.ts';

export class ToxicSet {
  readonly #chains: Record<Stream, Toxic[]> = { upstream: [], downstream: [] };
  readonly #links = new Set<Link>();
  readonly #oneAtATime = makeLock();

  /** Upstream ones first, each in order of creation. */
  get all(): readonly Toxic[] {
    return [...this.#chains.upstream, ...this.#chains.downstream];
  }

  /** @throws ApiError */
  get(name: string): Toxic {
    const found = this.all.find((toxic) => toxic.name === name);
    if (!found) throw toxicNotFound();
    return found;
  }

  /** Answers when it works on every live connection. @throws ApiError */
  add(body: string): Promise<Toxic> {
    return this.#oneAtATime(async () => {
      const toxic = readToxic(body, (name) => this.all.some((one) => one.name === name));
      this.#chains[toxic.direction].push(toxic);
      await this.#onLinks(toxic, (link) => link.add(toxic));
      return toxic;
    });
  }

  /** Merges what is given into the attributes. @throws ApiError */
  update(name: string, body: string): Promise<Toxic> {
    return this.#oneAtATime(async () => {
      const toxic = this.get(name);
      const given = readMembers(readBody(body), 'the toxic');
      const attributes = readAttributes(kindOf(toxic), given, toxic.attributes);
      toxic.toxicity = readFraction(given, 'toxicity', toxic.toxicity);
      toxic.attributes = attributes;
      await this.#onLinks(toxic, (link) => link.update(toxic));
      return toxic;
    });
  }

  /** @throws ApiError */
  remove(name: string): Promise<void> {
    return this.#oneAtATime(() => this.#remove(this.get(name)));
  }

  removeAll(): Promise<void> {
    return this.#oneAtATime(async () => {
      for (const toxic of this.all) await this.#remove(toxic);
    });
  }

  /** Lets both links of a connection carry; disposing of them ends what is still at work. */
  link(client: Wire, server: Wire): Disposable {
    if (this.all.some((toxic) => kindOf(toxic).resets)) {
      client.resets = true;
      server.resets = true;
    }
    const links = [this.#start('upstream', client, server), this.#start('downstream', server, client)];
    return {
      [Symbol.dispose]: () => {
        for (const link of links) this.#end(link);
      },
    };
  }

  #start(direction: Stream, source: Wire, destination: Wire): Link {
    const link = new Link(direction, this.#chains[direction]);
    this.#links.add(link);
    source.readInto(link.input);
    void destination.writeFrom(link.output).then(() => {
      destination.close();
      this.#links.delete(link);
    });
    return link;
  }

  #end(link: Link): void {
    link.kill();
    this.#links.delete(link);
  }

  async #remove(toxic: Toxic): Promise<void> {
    const chain = this.#chains[toxic.direction];
    chain.splice(chain.indexOf(toxic), 1);
    await this.#onLinks(toxic, (link) => link.remove(toxic));
  }

  async #onLinks({ direction }: Toxic, change: (link: Link) => Promise<void>): Promise<void> {
    await Promise.all([...this.#links].filter((link) => link.direction === direction).map(change));
  }
}

function readToxic(body: string, isTaken: (name: string) => boolean): Toxic {
  const given = readMembers(readBody(body), 'the toxic');
  const type = readText(given, 'type', '');
  const stream = readText(given, 'stream', 'downstream');
  const toxicity = readFraction(given, 'toxicity', 1);
  const name = readText(given, 'name', '') || `${type}_${stream}`;
  readMembers(field(given, 'attributes'), 'attributes');
  const direction = stream.toLowerCase();
  if (direction !== 'upstream' && direction !== 'downstream') throw invalidStream();
  const kind = findKind(type);
  if (!kind) throw invalidType();
  if (isTaken(name)) throw toxicExists();
  return { name, type, stream, direction, toxicity, attributes: readAttributes(kind, given, {}) };
}

function readAttributes(kind: Kind, given: Members, before: Attributes): Attributes {
  const attributes = readMembers(field(given, 'attributes'), 'attributes');
  return Object.fromEntries(
    kind.attributes.map((name) => {
      const value = readInteger(attributes, name, before[name] ?? 0);
      if (field(attributes, name) !== null) refuseDeadly(kind, name, value);
      return [name, value];
    }),
  );
}
