import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyHttpOptions } from 'fastify';
import type { RoomConfig } from './config.js';
import { faultOfShape } from './json-shape.js';
import { Problem, problemDocument } from './problem.js';

const BODY_LIMIT_BYTES = 8 * 1_048_576;
const MAX_CHECK_MS = 2_000;
const JSON_TYPE = 'application/json';
const ACCEPTED_CHARSETS = ['utf-8', 'utf8'];

/** What a room's HTTP server takes, and for how long it waits. */
export function doorOptions({ headersTimeoutMs, requestTimeoutMs, trustedProxies }: RoomConfig) {
  const check = Math.min(MAX_CHECK_MS, Math.ceil(headersTimeoutMs / 2));
  return {
    bodyLimit: BODY_LIMIT_BYTES,
    // A client that sends its request drop by drop holds a connection so long and no longer.
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: check },
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    clientErrorHandler: answerBrokenRequest,
  } satisfies FastifyHttpOptions<Server>;
}

/**
 * Closes a door that Nest and Fastify leave open: nothing but JSON in UTF-8 is parsed, as it is sent. No name of ours has a
 * NUL, and the database could not even be asked for one.
 */
export function guardDoor(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.removeAllContentTypeParsers();
  acceptJson(fastify, [JSON_TYPE]);
  fastify.addHook('onRequest', async ({ url, headers }, reply) => {
    if (url.includes('%00')) return refuse(reply, 400, 'malformed_request', 'the address has a NUL');
    const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = headers;
    if (encoding.toLowerCase() !== 'identity')
      return refuse(reply, 415, 'unsupported_media_type', 'a body is sent as it is, in no Content-Encoding');
    const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1] ?? 'utf-8';
    if (!ACCEPTED_CHARSETS.includes(charset.toLowerCase()))
      return refuse(reply, 415, 'unsupported_media_type', `a body is in UTF-8, not in ${charset}`);
  });
}

/** Lets further media types in that are JSON. */
export function acceptJson(fastify: FastifyInstance, types: readonly string[]): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser([...types], { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const text = decoded(body);
    if (text === undefined)
      return done(new Problem(400, 'malformed_request', { detail: 'the body is not UTF-8' }), undefined);
    void parse(request, text, (error, value: unknown) => {
      const fault = error ? undefined : faultOfShape(value);
      done(error ?? (fault ? new Problem(400, 'malformed_request', { detail: fault }) : null), value);
    });
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Half a character would be replaced in silence otherwise, and an id would be another one. */
function decoded(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

async function refuse(reply: FastifyReply, status: number, code: string, detail: string): Promise<void> {
  await reply
    .status(status)
    .header('content-type', 'application/problem+json')
    .send(problemDocument(status, code, { detail }));
}

const BROKEN: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'Request Header Fields Too Large'],
};

/** What never becomes a request is answered on the socket. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, reason] = BROKEN[error.code ?? ''] ?? [400, 'malformed_request', 'Bad Request'];
  if (socket.writable) {
    const body = JSON.stringify(problemDocument(status, code, {}));
    socket.write(
      `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/problem+json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
