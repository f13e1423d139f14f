import { Controller, Get, Header } from '@nestjs/common';
import { Open } from '@kizuna/service';
import type { PublicJwk } from '../../forwarding/signing-key.js';
import { SigningKeys } from '../../forwarding/signing-keys.js';

@Controller('.well-known/jwks.json')
@Open()
export class PublishKeySetController {
  constructor(private readonly keys: SigningKeys) {}

  /** What the other rooms verify forwarded calls against. */
  @Get()
  @Header('cache-control', 'public, max-age=60')
  publish(): { readonly keys: readonly PublicJwk[] } {
    return this.keys.published();
  }
}
