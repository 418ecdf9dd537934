/** What a database is, rows aside: its catalog as it can be compared with another database's. */

import type { Catalog } from '../../../fixtures/model/catalog.ts';

/** Without what differs from one creation to the next; roles belong to the whole server. */
export function comparable({ roles: _, ...catalog }: Catalog): unknown {
  return JSON.parse(JSON.stringify(catalog, (key, value: unknown) => (key === 'oid' ? undefined : value)));
}
