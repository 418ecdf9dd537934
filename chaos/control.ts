/** The only way in which Rowproof drives a fault proxy, its own or the official one: the official client. */

import { Toxiproxy } from 'toxiproxy-node-client';

/** @param url of the HTTP API, e.g. `http://127.0.0.1:8474` */
export function controlOf(url: string): Toxiproxy {
  return new Toxiproxy(url);
}
