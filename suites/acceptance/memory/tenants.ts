/** Three tenants, named as the application names them, under keys of these tests alone. */

import { openCounters } from '../../../supabase/memory/client/counters.ts';
import { openVault } from '../../../supabase/memory/client/vault.ts';

export const environment = {
  MEMORY_TENANT_HMAC_KEY: '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  MEMORY_ENC_KEY: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=',
};

const { hmacUser } = openVault(environment, openCounters());

/** A and B have a row each, C has none. */
export const A = hmacUser('user-a');
export const B = hmacUser('user-b');
export const C = hmacUser('user-c');
