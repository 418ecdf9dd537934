/** Addresses as the original reads and says them: `host:port`, `[::1]:port`, `:port`. */

import { lookup } from 'node:dns/promises';
import { createServer, isIP, connect as netConnect, type Server, Socket, SocketAddress } from 'node:net';
import { addressFault, asRefusal } from './errors.ts';

/** An address whose host name was looked up. */
interface Resolved {
  /** '' is every address of this machine. */
  readonly host: string;
  readonly port: number;
  /** As the original says it, e.g. `127.0.0.1:0`. */
  readonly text: string;
}

/** Connections that may wait to be accepted. */
const backlog = 4096;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

/** @throws ApiError where the address is none, or its host is not known. */
export async function resolveAddress(address: string): Promise<Resolved> {
  const { host, port } = address === '' ? { host: '', port: 0 } : split(address);
  const ip = host === '' || isIP(host) ? host : await resolveHost(host);
  return { host: plain(ip), port, text: joined(ip, port) };
}

/** Listens. The sockets come paused, and keep their half when the other side ends. @throws ApiError where it cannot. */
export async function listen(
  address: string,
  accept: (socket: Socket) => void,
): Promise<{ readonly server: Server; readonly text: string }> {
  const { host, port, text } = await resolveAddress(address).catch((error: unknown) => {
    throw error instanceof Error ? addressFault(`listen tcp: ${error.message}`) : error;
  });
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, accept);
  // Every address of the machine is the same to the original, in either family.
  const everywhere = host === '' || host === '0.0.0.0';
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = reasons[error.code ?? ''] ?? error.message;
      reject(addressFault(`listen tcp ${text}: bind: ${reason}`));
    });
    server.listen({ port, backlog, ...(everywhere ? {} : { host }) }, resolve);
  });
  // A connection that could not be accepted is its client's loss alone.
  server.removeAllListeners('error').on('error', () => undefined);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server without an address');
  return { server, text: joined(bound.address, bound.port) };
}

/** A socket on its way; where the address is none, one that is closed already, as after a refusal. */
export function dial(address: string): Socket {
  try {
    const { host, port } = split(address);
    return netConnect({ host: host || 'localhost', port, allowHalfOpen: true, noDelay: true });
  } catch (error) {
    return new Socket().destroy(asRefusal(error));
  }
}

/** @throws ApiError with the original's words */
function split(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  const fault = (reason: string) => addressFault(`address ${address}: ${reason}`);
  if (colon === -1) throw fault('missing port in address');
  const bracketed = /^\[([^[\]]*)\](.*)$/.exec(address);
  if (address.startsWith('[') && !bracketed) throw fault("missing ']' in address");
  if (bracketed && !bracketed[2]) throw fault('missing port in address');
  const host = bracketed?.[1] ?? address.slice(0, colon);
  const written = bracketed ? (bracketed[2] ?? '').slice(1) : address.slice(colon + 1);
  if (!bracketed && host.includes(':')) throw fault('too many colons in address');
  if (!/^[+-]?\d*$/.test(written)) throw addressFault(`address tcp/${written}: unknown port`);
  if (Number(written) < 0 || Number(written) > 65_535) throw addressFault(`address ${written}: invalid port`);
  return { host, port: Number(written) };
}

/** The first address of the old family, else the first. */
async function resolveHost(host: string): Promise<string> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const best = found.find(({ family }) => family === 4) ?? found[0];
  if (!best) throw addressFault(`lookup ${host}: no such host`);
  return best.address;
}

/** The shortest spelling of an address. */
function plain(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const { address } = new SocketAddress({ address: ip, family: 'ipv6' });
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

function joined(ip: string, port: number): string {
  const address = plain(ip);
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
