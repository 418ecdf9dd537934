/** A table cannot be had: another transaction has locked it for itself alone. */

import { nameOf } from '../../fixtures/act/sql.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import { isDatabaseError } from '../../fixtures/wire/session.ts';
import { CannotOccur, type Healing } from './fault.ts';
import type { Field, ServerFault } from './field.ts';

const TAKEN = '55P03';
const LIMITER = /(?:^|_)(?:rate_?limit|throttl)/i;

/** @param store picks the table; where it picks none, the fault cannot occur because of `lacks`. */
export function storeLocked(about: {
  readonly id: string;
  readonly says: string;
  readonly lacks: string;
  store(relation: Relation): boolean;
}): ServerFault {
  const { id, says, lacks, store } = about;
  const apply = async ({ db }: Field): Promise<Healing> => {
    const found = db.catalog.relations.find((relation) => !relation.platform && store(relation));
    if (found === undefined) throw new CannotOccur(lacks);
    const other = await db.connectAsOwner();
    try {
      await other.script(`SET lock_timeout = '2s'; BEGIN; LOCK TABLE ${nameOf(found)} IN ACCESS EXCLUSIVE MODE`);
    } catch (error) {
      await other.close();
      if (!isDatabaseError(error) || error.code !== TAKEN) throw error;
      throw new CannotOccur(`the client has ${found.name} already, and nobody can take it away`);
    }
    return () => other.close();
  };
  return { id, says, strikes: 'database', never: {}, apply };
}

export const limiterUnavailable = storeLocked({
  id: 'limiter-unavailable',
  says: 'the store in which calls are counted cannot be had',
  lacks: 'the project counts no calls: it has no table for that',
  store: isLimiter,
});

/** Known by its name. */
export function isLimiter({ relname, kind }: Pick<Relation, 'relname' | 'kind'>): boolean {
  return (kind === 'table' || kind === 'partitioned') && LIMITER.test(relname);
}
