import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isDatabaseInfrastructure } from '@kizuna/database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problemDocument, type ProblemDocument } from './problem.js';

const CODES: Readonly<Record<number, string>> = {
  400: 'malformed_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'request_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

/** Every error leaves as a problem document; what is our own fault is logged and told to nobody outside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    // Over messaging the transport has its own rules; this filter answers HTTP only.
    if (host.getType() !== 'http') throw error;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { document, retryAfter } = this.answer(error, request);
    if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
    void reply.status(document.status).header('content-type', 'application/problem+json').send(document);
  }

  private answer(
    error: unknown,
    request: FastifyRequest,
  ): { document: ProblemDocument; retryAfter?: number } {
    if (error instanceof Problem)
      return {
        document: error.document(),
        ...(error.given.retryAfter ? { retryAfter: error.given.retryAfter } : {}),
      };
    const status = statusOf(error);
    if (status !== undefined && status < 500) {
      const code = CODES[status] ?? 'refused';
      const detail = error instanceof Error ? error.message : undefined;
      return { document: problemDocument(status, code, detail ? { detail } : {}) };
    }
    // Health checks answer with what is down; that is meant to be read.
    if (error instanceof HttpException)
      return {
        document: problemDocument(error.getStatus(), 'temporarily_unavailable', {
          checks: error.getResponse(),
        }),
      };
    this.logger.error(
      { err: error, method: request.method, path: request.url.split('?')[0] },
      'request failed',
    );
    if (isDatabaseInfrastructure(error))
      return { document: problemDocument(503, 'temporarily_unavailable', {}), retryAfter: 2 };
    return { document: problemDocument(500, 'internal_error', { request_id: request.id }) };
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's own refusals (body too large, broken JSON, …) carry a status.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return error.statusCode;
  return undefined;
}
