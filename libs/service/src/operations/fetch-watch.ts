const UNDER_SUSPICION_AFTER_MS = 5_000;
const ANSWERS_WITHIN_MS = 4_000;
/** One slow answer does not make a broker absent. */
const SILENCES = 2;

/**
 * Tells a consumer that is stuck from a broker that is away. Without a broker a room goes on with all that needs none; with
 * one that answers everybody but the consumer it only seems to live.
 */
export class FetchWatch {
  private answersSince: number | undefined;
  private silences = 0;

  constructor(
    private readonly sinceLastFetchMs: () => number,
    private readonly askBroker: () => Promise<unknown>,
  ) {}

  /** For how long the broker has answered others and no fetch. */
  stuckMs(): number {
    if (this.answersSince === undefined) return 0;
    return Math.min(this.sinceLastFetchMs(), performance.now() - this.answersSince);
  }

  /** From time to time: asks the broker itself, where fetches have had no answer for a while. */
  async look(): Promise<void> {
    if (this.sinceLastFetchMs() < UNDER_SUSPICION_AFTER_MS) this.clear();
    else if (await this.isAnswered()) {
      this.answersSince ??= performance.now();
      this.silences = 0;
    } else if ((this.silences += 1) >= SILENCES) this.clear();
  }

  private clear(): void {
    this.answersSince = undefined;
    this.silences = 0;
  }

  private async isAnswered(): Promise<boolean> {
    const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
    const limit = setTimeout(() => resolve(false), ANSWERS_WITHIN_MS);
    const answered = this.askBroker().then(
      () => true,
      () => false,
    );
    return Promise.race([answered, tooLate]).finally(() => clearTimeout(limit));
  }
}
