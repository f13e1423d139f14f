import { Validate } from 'class-validator';
import { InstantConstraint } from '../../wire/instant.constraint.js';

/** Body of `POST /v1/program/clock`. */
export class AdvanceClockRequest {
  /** The new present of the program. */
  @Validate(InstantConstraint)
  advance_to: string = '';
}
