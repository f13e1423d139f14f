import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { problemDocument } from '../problem.js';

const INTERNAL = /^\/(internal|metrics)(\/|\?|$)/;
const EVERYWHERE = /^\/health(\/|$)/;

/**
 * The platform team's own door: `/internal` and `/metrics` answer on a second port, on loopback unless said otherwise, and
 * on no other; there in turn nothing else answers but health.
 */
export class InternalDoor {
  private readonly server: Server;
  private port: number | undefined;

  /** Before the application is initialised: the rule stands in front of every route. */
  constructor(app: NestFastifyApplication) {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', async (request, reply) => {
      const isHere = request.socket.localPort === this.port;
      const path = request.url;
      if (EVERYWHERE.test(path) || isHere === INTERNAL.test(path)) return;
      await reply
        .status(404)
        .header('content-type', 'application/problem+json')
        .send(problemDocument(404, 'not_found', {}));
    });
    this.server = createServer((request, response) => fastify.routing(request, response));
  }

  /** @returns its URL */
  async open(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    const { port: opened } = this.server.address() as AddressInfo;
    this.port = opened;
    return `http://${host}:${opened}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
