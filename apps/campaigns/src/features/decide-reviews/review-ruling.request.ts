import { Matches } from 'class-validator';

/** Body of `POST /v1/reviews/{id}/release` and `/refuse`. */
export class ReviewRulingRequest {
  /** Why; kept with the decision. */
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]{1,500}$/u)
  reason: string = '';
}
