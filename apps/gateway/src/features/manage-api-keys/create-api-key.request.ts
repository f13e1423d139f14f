import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, Matches, Validate } from 'class-validator';
import { SCOPES } from '@kizuna/service';
import { InstantConstraint } from '../../wire/instant.constraint.js';

/** Body of `POST /v1/api-keys`. */
export class CreateApiKeyRequest {
  /** What people call it. */
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]{1,100}$/u)
  name: string = '';

  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: string[] = [];

  /** From when it opens nothing; without it, until it is revoked. */
  @IsOptional()
  @Validate(InstantConstraint)
  expires_at?: string | null;
}
