/** An image of our own fault proxy, for engines that cannot pull the official one. */

import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../fixtures/servers/docker-api.ts';
import { hasImage } from '../fixtures/servers/docker-probe.ts';

const checkout = fileURLToPath(new URL('..', import.meta.url));

/** What the program needs besides Node. */
const parts = ['chaos/proxy', 'fixtures/model/errors.ts', 'package.json'];

/**
 * Builds the image once for each state of the proxy's code.
 * @param base an image that the engine has, with the libraries that Node needs
 * @returns the image's name
 * @throws Error where it cannot be built, e.g. on another system than the engine's: it takes this process's Node along
 */
export async function obtainStandIn(env: NodeJS.ProcessEnv, endpoint: Endpoint, base: string): Promise<string> {
  const image = `rowproof-toxiproxy:${await digestOf(base)}`;
  if (await hasImage(env, endpoint, image)) return image;
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-image-'));
  try {
    await cp(process.execPath, join(folder, 'node'));
    for (const part of parts) {
      await mkdir(dirname(join(folder, 'rowproof', part)), { recursive: true });
      await cp(join(checkout, part), join(folder, 'rowproof', part), { recursive: true });
    }
    await writeFile(join(folder, 'Dockerfile'), recipe(base));
    const { ToxiProxyContainer } = await import('@testcontainers/toxiproxy');
    await ToxiProxyContainer.fromDockerfile(folder).build(image, { deleteOnExit: false });
    return image;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function recipe(base: string): string {
  return `FROM ${base}
COPY node /usr/local/bin/rowproof-node
COPY rowproof /rowproof
EXPOSE 8474
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/rowproof-node", "/rowproof/chaos/proxy/serve.ts"]
CMD []
`;
}

async function digestOf(base: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${recipe(base)}`);
  const inside = await readdir(join(checkout, 'chaos/proxy'), { recursive: true });
  for (const file of inside.filter((name) => name.endsWith('.ts')).sort())
    hash.update(await readFile(join(checkout, 'chaos/proxy', file)));
  return hash.digest('hex').slice(0, 12);
}
