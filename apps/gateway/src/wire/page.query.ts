import { IsOptional, IsString } from 'class-validator';

/** Query of a list. Anything else in it is refused, or whoever asks for an order of their own would believe to have it. */
export class PageQuery {
  @IsOptional()
  @IsString()
  limit?: string;

  @IsOptional()
  @IsString()
  cursor?: string;
}
