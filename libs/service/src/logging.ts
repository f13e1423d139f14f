import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { IncomingMessage } from 'node:http';
import type { RoomConfig } from './config.js';

/** Whoever puts a key into an address finds it in nobody's log here. */
const API_KEY = /kz(_|%5f)(live|test)(_|%5f)[^/]*/gi;

const CORRELATION_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The correlation id that a caller sent, or a new one; it goes on into events and forwarded calls. */
export function correlationIdOf(headers: Readonly<Record<string, unknown>>): string {
  const given = headers['x-correlation-id'];
  return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
}

/** JSON lines with the correlation id; what succeeds is logged at debug level, credentials and bodies never. */
export function loggingModule({ logLevel, room }: RoomConfig): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      level: logLevel,
      base: { room },
      genReqId: (request: IncomingMessage) =>
        (request as { id?: string }).id ?? correlationIdOf(request.headers),
      customLogLevel: (_request, response, error) =>
        error || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'info' : 'debug',
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
          id,
          method,
          path: url.split('?')[0]?.replace(API_KEY, 'kz_…'),
        }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
    },
  });
}
