/** Reads findings.json as this version writes it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CannotRun } from '../../fixtures/model/errors.ts';
import schema from '../../reports/findings.schema.json' with { type: 'json' };
import type { FindingsFile } from '../../reports/findings.ts';
import { root } from '../check/places.ts';

/** @throws CannotRun where it is not there, is broken, or was written by a version that wrote it otherwise. */
export async function readFindings(path: string): Promise<FindingsFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotRun(
      `${path} cannot be read (${error.code ?? error.message}).`,
      'Run the check first, or name its findings.json by --from.',
    );
  });
  const file = parsed(path, text);
  if (file?.tool?.name !== 'rowproof')
    throw new CannotRun(`${path} is no findings.json of Rowproof.`, 'Name another by --from.');
  const fits = new Ajv2020({ allowUnionTypes: true }).compile<FindingsFile>(schema);
  if (fits(file)) return file;
  const [fault] = fits.errors ?? [];
  throw new CannotRun(
    `${path} was written by Rowproof ${file.tool.version ?? 'of another version'}, and is not as ${await ownVersion()} writes it: ${fault?.instancePath || 'it'} ${fault?.message ?? ''}.`,
    'Run the check again.',
  );
}

/** Of a file that may be anything. */
function parsed(
  path: string,
  text: string,
): { readonly tool?: { readonly name?: unknown; readonly version?: string } } | null {
  try {
    return JSON.parse(text);
  } catch {
    throw new CannotRun(`${path} is no JSON.`, 'Run the check again, or name another findings.json by --from.');
  }
}

async function ownVersion(): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return version;
}
