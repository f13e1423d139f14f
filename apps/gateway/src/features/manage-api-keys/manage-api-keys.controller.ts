import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { AsCaller, NeedsScope, pageOf, pageRequest, Problem, type Caller, type Page } from '@kizuna/service';
import { ApiKeyAuthentication } from '../../credentials/api-key-authentication.js';
import { ApiKeysRepository, type ListedApiKey } from '../../storage/api-keys.repository.js';
import { apiKeyBody, type ApiKeyBody } from '../../wire/api-key-body.js';
import { PageQuery } from '../../wire/page.query.js';

const POSITION = /^\d{1,16}$/;

/** The keys of the caller's own program. */
@Controller('v1/api-keys')
export class ManageApiKeysController {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly authentication: ApiKeyAuthentication,
  ) {}

  @Get()
  @NeedsScope('keys:write')
  async list(@AsCaller() { programId }: Caller, @Query() query: PageQuery): Promise<Page<ApiKeyBody>> {
    const scope = `api keys ${programId}`;
    const page = pageRequest(scope, 2, query);
    if (page.after && !POSITION.test(page.after[0] ?? '')) throw new Problem(400, 'invalid_cursor');
    const rows = await this.keys.list(programId, page.limit + 1, page.after);
    return pageOf(scope, rows, page.limit, {
      key: ({ position, keyId }: ListedApiKey) => [position, keyId],
      item: apiKeyBody,
    });
  }

  /** For ever. Revoked again it stays as it is. */
  @Delete(':id')
  @NeedsScope('keys:write')
  async revoke(@AsCaller() { programId, actor }: Caller, @Param('id') keyId: string): Promise<ApiKeyBody> {
    const key = await this.keys.revoke(programId, keyId, actor);
    if (!key) throw new Problem(404, 'not_found', { detail: 'the program has no such key' });
    this.authentication.forget(key.secretHash);
    return apiKeyBody(key);
  }
}
