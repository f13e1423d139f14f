import { Matches } from 'class-validator';

/** Body of `POST /v1/rules/{code}/pause`, `/resume` and `/end`. */
export class ChangeRuleStateRequest {
  /** Why: it stays with the version. */
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]{1,500}$/u)
  reason: string = '';
}
