import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { Open, OperatorGuard, pageOf, pageRequest, Problem, type Page } from '@kizuna/service';
import { IsString, Length } from 'class-validator';
import { ApiKeyAuthentication } from '../../credentials/api-key-authentication.js';
import { ApiKeysRepository, type ListedApiKey } from '../../storage/api-keys.repository.js';
import { apiKeyBody, type ApiKeyBody } from '../../wire/api-key-body.js';
import { PageQuery } from '../../wire/page.query.js';

const POSITION = /^\d{1,16}$/;

export class RevokeApiKeyRequest {
  /** Who asks; it is kept with the key. */
  @IsString()
  @Length(1, 100)
  actor: string = '';
}

/** Keys of any program, for those who run the installation: the last way in when a program has lost all of its own. */
@Controller('internal/programs/:program/keys')
@Open()
@UseGuards(OperatorGuard)
export class OperateApiKeysController {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly authentication: ApiKeyAuthentication,
  ) {}

  @Get()
  async list(@Param('program') programId: string, @Query() query: PageQuery): Promise<Page<ApiKeyBody>> {
    const scope = `operated api keys ${programId}`;
    const page = pageRequest(scope, 2, query);
    if (page.after && !POSITION.test(page.after[0] ?? '')) throw new Problem(400, 'invalid_cursor');
    const rows = await this.keys.list(programId, page.limit + 1, page.after);
    return pageOf(scope, rows, page.limit, {
      key: ({ position, keyId }: ListedApiKey) => [position, keyId],
      item: apiKeyBody,
    });
  }

  @Post(':key/revoke')
  @HttpCode(200)
  async revoke(
    @Param('program') programId: string,
    @Param('key') keyId: string,
    @Body() { actor }: RevokeApiKeyRequest,
  ): Promise<ApiKeyBody> {
    const key = await this.keys.revoke(programId, keyId, `operator:${actor}`);
    if (!key) throw new Problem(404, 'not_found', { detail: `program ${programId} has no such key` });
    this.authentication.forget(key.secretHash);
    return apiKeyBody(key);
  }
}
