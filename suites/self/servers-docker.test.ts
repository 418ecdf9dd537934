/** Looking for Docker: bounded whatever the other side does, and honest about what it found. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSilent, type Server as NetServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { chooseServer } from '../../fixtures/servers/choose.ts';
import { obtainImage, probeDocker } from '../../fixtures/servers/docker-probe.ts';
import { removeContainers } from '../../fixtures/servers/leftover-containers.ts';
import { environment, silent } from './servers-support.ts';

async function listen(server: NetServer): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `tcp://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

/** An engine that answers by the table; anything else is 404. */
function engine(answers: Readonly<Record<string, (response: ServerResponse) => void>>): Promise<string> {
  return listen(
    createServer((request: IncomingMessage, response) => {
      const answer = answers[`${request.method} ${request.url?.split('?')[0]}`];
      if (answer) answer(response);
      else response.writeHead(404).end('{}');
    }),
  );
}

const version = (response: ServerResponse) => void response.end('{"Version":"28.0.0"}');

test('a socket that accepts and never answers is given up within three seconds', async () => {
  const sockets: { destroy(): void }[] = [];
  const endpoint = await listen(createSilent((socket) => void sockets.push(socket)));
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  const start = performance.now();
  const state = await probeDocker(environment({ DOCKER_HOST: endpoint }));
  expect(performance.now() - start).toBeLessThan(3_500);
  expect(state).toEqual({ up: false, why: `at ${endpoint} does not answer (no answer within 3 s)` });
});

test('an engine that begins its answer and then falls silent is given up, too', async () => {
  const endpoint = await engine({ 'GET /version': (response) => void response.write('{') });
  expect(await probeDocker(environment({ DOCKER_HOST: endpoint }), 200)).toMatchObject({ up: false });
});

test('where nothing listens the embedded server is chosen at once, with the reason', async () => {
  const start = performance.now();
  const choice = await chooseServer(environment(), silent);
  expect(choice).toEqual({ kind: 'embedded', why: 'Docker at tcp://127.0.0.1:1 does not answer (ECONNREFUSED)' });
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('an engine with the image is chosen', async () => {
  const endpoint = await engine({
    'GET /version': version,
    'GET /images/pg:1/json': (response) => void response.end('{}'),
  });
  const choice = await chooseServer(environment({ DOCKER_HOST: endpoint, ROWPROOF_PG_IMAGE: 'pg:1' }), silent);
  expect(choice).toEqual({ kind: 'container', why: 'Docker answers, image pg:1', endpoint, forced: false });
});

test('a pull that the registry refuses leads to the embedded server, with the reason', async () => {
  const endpoint = await engine({
    'GET /version': version,
    'POST /images/create': (response) => void response.end('{"status":"Pulling"}\n{"error":"manifest unknown"}\n'),
  });
  const said: string[] = [];
  const choice = await chooseServer(environment({ DOCKER_HOST: endpoint, ROWPROOF_PG_IMAGE: 'pg:1' }), (line) =>
    said.push(line),
  );
  expect(choice).toEqual({ kind: 'embedded', why: 'the image pg:1 cannot be pulled (manifest unknown)' });
  expect(said).toEqual(['Pulling pg:1 (up to 60 s)…']);
});

test('a pull that does not end is given up', async () => {
  const endpoint = await engine({ 'POST /images/create': (response) => void response.write('{"status":"Pulling"}\n') });
  const env = environment({ DOCKER_HOST: endpoint });
  expect(await obtainImage(env, endpoint, 'pg:1', silent, 300)).toBe(
    'the image pg:1 cannot be pulled (no answer within 0.3 s)',
  );
});

test('containers are removed by their label, with their volumes, also when one is gone already', async () => {
  const asked: string[] = [];
  const endpoint = await engine({
    'GET /containers/json': (response) => void response.end('[{"Id":"one"},{"Id":"two"}]'),
    'DELETE /containers/one': (response) => {
      asked.push(response.req.url ?? '');
      response.writeHead(204).end();
    },
  });
  await removeContainers(environment(), endpoint, 'rowproof.run=x');
  expect(asked).toEqual(['/containers/one?force=1&v=1']);
});
