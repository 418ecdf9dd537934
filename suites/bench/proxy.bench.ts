/** What the fault proxy costs beside a direct connection to the same server, in the same run. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { startToxiproxy } from '../../chaos/proxy/server.ts';
import { type Measurement, percentile, timed } from './measurement.ts';

export interface ProxyLoad {
  readonly megabytes: number;
  readonly trips: number;
  readonly rounds: number;
}

export const fullLoad: ProxyLoad = { megabytes: 256, trips: 5_000, rounds: 5 };
export const quickLoad: ProxyLoad = { megabytes: 64, trips: 1_000, rounds: 3 };

/** Throughput downstream and round trips of one byte; direct and through the proxy in turn. */
export async function measureProxy({ megabytes, trips, rounds }: ProxyLoad): Promise<readonly Measurement[]> {
  await using upstream = await openSource(megabytes);
  await using toxiproxy = await startToxiproxy();
  const port = await makeProxy(toxiproxy.url, upstream.port);
  const ways = [upstream.port, port].map((to) => ({ to, speeds: [] as number[], trips: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      const { elapsed } = await timed(() => download(way.to));
      way.speeds.push((megabytes * 1000) / elapsed);
      way.trips.push(...(await roundTrips(way.to, trips)));
    }
  }
  const [direct, through] = ways.map(({ speeds, trips: times }) => ({
    speed: percentile(speeds, 0.5),
    trip: percentile(times, 0.5),
  }));
  if (!direct || !through) throw new Error('two ways were measured');
  return [
    {
      system: 'proxy',
      level: 'throughput beside direct',
      measured: (100 * through.speed) / direct.speed,
      unit: '%',
      target: { relation: '≥', value: 10 },
      under: `medians of ${rounds} × ${megabytes} MB in turn: ${through.speed.toFixed(0)} and ${direct.speed.toFixed(0)} MB/s`,
    },
    {
      system: 'proxy',
      level: 'round trip beside direct',
      measured: through.trip / direct.trip,
      unit: '×',
      target: { relation: '≤', value: 4 },
      under: `medians of ${rounds * trips} in turn: ${through.trip.toFixed(3)} and ${direct.trip.toFixed(3)} ms`,
    },
  ];
}

/** A server that answers `d` with so many megabytes and an end, and anything else with itself. */
async function openSource(megabytes: number): Promise<AsyncDisposable & { readonly port: number }> {
  const block = Buffer.alloc(1024 * 1024);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        if (data[0] === 100) void pour(socket, block, megabytes);
        else socket.write(data);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: address !== null && typeof address === 'object' ? address.port : 0, [Symbol.asyncDispose]: stop };
}

async function pour(socket: Socket, block: Buffer, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    if (!socket.write(block)) await once(socket, 'drain');
  }
  socket.end();
}

async function makeProxy(url: string, upstream: number): Promise<number> {
  const body = JSON.stringify({ name: 'bench', listen: '127.0.0.1:0', upstream: `127.0.0.1:${upstream}` });
  const answer = await fetch(`${url}/proxies`, { method: 'POST', body });
  const { listen } = (await answer.json()) as { readonly listen: string };
  return Number(listen.split(':')[1]);
}

async function download(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.resume().write('d');
  await once(socket, 'end');
  socket.destroy();
}

async function roundTrips(port: number, count: number): Promise<readonly number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const times: number[] = [];
  for (let trip = 0; trip < count; trip += 1) {
    const { elapsed } = await timed(async () => {
      socket.write('r');
      await once(socket, 'data');
    });
    times.push(elapsed);
  }
  socket.destroy();
  return times;
}
