/** Finds the attacks by their place: every file in `suites/attacks` that is no test. */

import { readdir } from 'node:fs/promises';
import type { Attack } from '../fixtures/model/attack.ts';

const FOLDER = new URL('./attacks/', import.meta.url);

/** @returns all attacks, ordered by id. @throws Error for a file that exports no attack of its own name. */
export async function loadAttacks(): Promise<readonly Attack[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort();
  return await Promise.all(files.map(load));
}

async function load(file: string): Promise<Attack> {
  const { attack }: { attack?: Attack } = await import(new URL(file, FOLDER).href);
  if (attack?.id !== file.replace(/\.ts$/, ''))
    throw new Error(`suites/attacks/${file} must export an attack whose id is its name`);
  return attack;
}
