/** Where the memory chunks project lies. */

import { fileURLToPath } from 'node:url';

export const memoryProject = fileURLToPath(new URL('../../../supabase/memory', import.meta.url));
