import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { instant, systemClock } from '@kizuna/kernel';
import { AsCaller, NeedsScope, Problem, type Caller, type CallerRequest } from '@kizuna/service';
import type { FastifyReply } from 'fastify';
import { Commands } from '../../commands/commands.js';
import { issueApiKey } from '../../credentials/issue-api-key.js';
import { decideNewKey, type NewKeyRejection } from '../../domain/new-key.js';
import { Programs } from '../../programs/programs.js';
import { ApiKeysRepository } from '../../storage/api-keys.repository.js';
import type { StoredAnswer } from '../../storage/commands.repository.js';
import type { NewApiKey } from '../../storage/insert-api-key.js';
import { apiKeyBody, type ApiKeyBody } from '../../wire/api-key-body.js';
import { CreateApiKeyRequest } from './create-api-key.request.js';

@Controller('v1/api-keys')
export class CreateApiKeyController {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly programs: Programs,
    private readonly commands: Commands,
  ) {}

  /**
   * Makes a key of the caller's program. The key is in this one answer; whoever sends the command again under its
   * Idempotency-Key gets the same without it, because only its hash is kept.
   */
  @Post()
  @NeedsScope('keys:write')
  async create(
    @AsCaller() caller: Caller,
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
    @Body() { name, scopes, expires_at }: CreateApiKeyRequest,
  ): Promise<void> {
    const expiresAt = expires_at ? instant(expires_at) : undefined;
    // Credentials run on the system's clock, those of test programs too.
    const now = systemClock.now(caller.programId);
    const decision = decideNewKey({ scopes, expiresAt }, { held: caller.scopes, now });
    if (!decision.accepted) throw problemOf(decision.rejection, scopes);
    const begun = await this.commands.begin(request, 'accepted');
    if (begun.kind === 'replay') return send(reply, begun.answer);
    const attempt = begun.kind === 'attempt' ? begun.attempt : undefined;
    const make = (): Promise<StoredAnswer> =>
      this.issue(caller, { name, scopes, expiresAt: expiresAt && new Date(expiresAt) }, attempt);
    send(reply, await (attempt ? this.commands.attempted(attempt, make) : make()));
  }

  private async issue(
    { programId, actor }: Caller,
    wanted: Pick<NewApiKey, 'name' | 'scopes' | 'expiresAt'>,
    attempt: Parameters<ApiKeysRepository['insert']>[1],
  ): Promise<StoredAnswer> {
    const mode = await this.programs.modeOf(programId);
    if (!mode) throw new Problem(404, 'not_found');
    const { keyId, apiKey, secretHash } = issueApiKey(mode);
    const key: NewApiKey = { ...wanted, keyId, programId, secretHash, createdBy: actor };
    const createdAt = await this.keys.insert(key, attempt, (at) => created(bodyOf(key, at)));
    return created({ ...bodyOf(key, createdAt), api_key: apiKey });
  }
}

function bodyOf({ keyId, name, scopes, expiresAt, createdBy }: NewApiKey, createdAt: Date): ApiKeyBody {
  return apiKeyBody({
    keyId,
    name,
    scopes: [...scopes],
    state: 'active',
    createdAt,
    createdBy,
    expiresAt: expiresAt ?? null,
    revokedAt: null,
    revokedBy: null,
  });
}

function created(body: object): StoredAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status: 201, headers, body: Buffer.from(JSON.stringify(body)) };
}

function send(reply: FastifyReply, { status, headers, body }: StoredAnswer): void {
  void reply.status(status).headers(headers).send(body);
}

function problemOf(rejection: NewKeyRejection, scopes: readonly string[]): Problem {
  if (rejection.code === 'expires_in_past')
    return new Problem(400, 'invalid_request', {
      detail: 'the request is not valid',
      errors: [{ pointer: '/expires_at', detail: 'is in the past' }],
    });
  return new Problem(403, 'missing_scope', {
    detail: `the credential lacks the scope ${rejection.scopes.join(', ')} and cannot give it`,
    errors: rejection.scopes.map((scope) => ({
      pointer: `/scopes/${scopes.indexOf(scope)}`,
      detail: 'is not held by the asking key',
    })),
  });
}
