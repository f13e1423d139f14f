import { Injectable } from '@nestjs/common';
import { RoomMetrics } from '@kizuna/service';

type Trigger = 'purchase' | 'engagement';

/**
 * Counts rules that failed at run time, when the decision is made and not when it is committed: a chunk that is tried again
 * counts again, as its failures happened again. No program or rule in the labels; which one it was is in the explanation.
 */
@Injectable()
export class RuleFailures {
  private readonly failed: ReturnType<RoomMetrics['counter']>;

  constructor(metrics: RoomMetrics) {
    this.failed = metrics.counter('kizuna_rule_failed_total', 'Rules whose condition failed at run time', [
      'trigger',
    ]);
    // A series that is there from the start shows its first failure as a rise.
    for (const trigger of ['purchase', 'engagement'] as const) this.count(trigger, 0);
  }

  count(trigger: Trigger, rules: number): void {
    this.failed.inc({ trigger }, rules);
  }
}
