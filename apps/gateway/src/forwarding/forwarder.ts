import { Injectable } from '@nestjs/common';
import type { CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Commands, type KeyRule } from '../commands/commands.js';
import { Upstreams, type Upstream, type UpstreamAnswer } from './upstreams.js';

/** Hands a request on to the room that answers it, and its answer back. */
@Injectable()
export class Forwarder {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly commands: Commands,
  ) {}

  /** A question, which may be asked as often as one likes. @throws Problem as `Upstreams.ask` does */
  async forward(
    request: CallerRequest,
    reply: FastifyReply,
    upstream: Upstream,
    path: string,
  ): Promise<void> {
    send(reply, await this.ask(request, upstream, path));
  }

  /** A command, which an Idempotency-Key lets be sent again. @throws Problem as `Commands.once` does besides */
  async command(
    request: CallerRequest,
    reply: FastifyReply,
    upstream: Upstream,
    path: string,
    rule: KeyRule,
  ): Promise<void> {
    const answer = await this.commands.once(request, rule, (key) => this.ask(request, upstream, path, key));
    send(reply, answer);
  }

  private async ask(
    { caller, method, id, url, body }: CallerRequest,
    upstream: Upstream,
    path: string,
    idempotencyKey?: string,
  ): Promise<UpstreamAnswer> {
    if (!caller) throw new Error('a forwarded route is guarded');
    return this.upstreams.ask(upstream, {
      caller,
      correlationId: id,
      method,
      path: path + queryOf(url),
      body,
      idempotencyKey,
    });
  }
}

function send(reply: FastifyReply, { status, headers, body }: UpstreamAnswer): void {
  void reply.status(status).headers(headers).send(body);
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}
