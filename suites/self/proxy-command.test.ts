/** `npm run toxiproxy`, run as people run it: it answers, refuses with one sentence, and stops without a trace. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { apiOf, dialTo, freePort, listenOn, openUpstream, portOf } from './proxy-scene.ts';

const program = join(import.meta.dirname, '../../scripts/toxiproxy.ts');

function start(...words: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function urlOf(child: ReturnType<typeof start>): Promise<string> {
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return /answers at (http:\S+)$/.exec(String(line))?.[1] ?? String(line);
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const read = ({ stdout, stderr }: ChildProcess) => [stdout ? text(stdout) : '', stderr ? text(stderr) : ''] as const;
  const [out, err] = await Promise.all(read(child));
  return { code: await code, out, err };
}

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'it answers on the port that is given, and %s ends it with %i and closes what it carried',
  async ([signal, code]) => {
    const port = await freePort();
    const child = start('--port', String(port));
    const url = await urlOf(child);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const api = apiOf(url);
    const upstream = await openUpstream();
    const { json } = await api('POST', '/proxies', { name: 'p', listen: '127.0.0.1:0', upstream: upstream.address });
    for (const type of ['latency', 'reset_peer'])
      await api('POST', '/proxies/p/toxics', { type, attributes: { latency: 600_000, timeout: 600_000 } });
    const client = await dialTo(json.listen);
    (await upstream.next()).send('held');
    const done = new Promise((resolve) => void child.once('exit', resolve));
    child.kill(signal);
    expect(await done).toBe(code);
    await client.ended;
    await expect(dialTo(json.listen)).rejects.toThrow('ECONNREFUSED');
    await expect(dialTo(`127.0.0.1:${portOf(url)}`)).rejects.toThrow('ECONNREFUSED');
  },
);

test('port 0 is any that is free, and the host may be another one', async () => {
  const url = await urlOf(start('--port=0', '--host', '::1'));
  expect(url).toMatch(/^http:\/\/\[::1\]:[1-9]\d*$/);
  expect((await apiOf(url)('GET', '/version')).status).toBe(200);
});

test('a port that is taken ends it with 2 and one sentence', async () => {
  const port = await listenOn(createServer());
  const { code, err } = await ended(start('--port', String(port)));
  expect({ code, err }).toEqual({
    code: 2,
    err: `Port ${port} of 127.0.0.1 is taken.\nFix: Give another one by --port, or 0 for any that is free.\n`,
  });
});

test.for([
  [['--port', 'x'], '`x` is no port.'],
  [['--port', '70000'], '`70000` is no port.'],
  [['--port'], '--port needs a value.'],
  [['--color', 'red'], 'There is no option `--color`.'],
  [['8474'], '`toxiproxy` takes no `8474`.'],
  [['--port', '0', '--host', '192.0.2.1'], 'Nothing can listen on port 0 of 192.0.2.1 (EADDRNOTAVAIL).'],
] as const)('%j ends it with 2: %s', async ([words, sentence]) => {
  const { code, err } = await ended(start(...words));
  expect({ code, sentence: err.split('\n')[0] }).toEqual({ code: 2, sentence });
});

test('--help ends with 0 and names every option', async () => {
  const { code, out } = await ended(start('--help'));
  expect(code).toBe(0);
  for (const word of ['--port', '--host', '8474', 'Exit code']) expect(out).toContain(word);
});
