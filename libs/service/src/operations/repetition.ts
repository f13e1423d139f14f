import { Logger } from '@nestjs/common';

export interface RepetitionOptions {
  /** For the log. */
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<unknown>;
}

/** Work that a room does by itself again and again: one run at a time, and what fails is tried again at the next. */
export class Repetition {
  private readonly logger: Logger;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(private readonly options: RepetitionOptions) {
    this.logger = new Logger(options.name);
  }

  /** A long run looks at it between its steps. */
  get isStopping(): boolean {
    return this.stopping;
  }

  start(): void {
    if (this.stopping) return;
    const { everyMs, run } = this.options;
    // Instances that started together do not stay together.
    const waitMs = everyMs * (1 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.running = run()
        .then(
          () => undefined,
          (error: unknown) => this.logger.warn({ err: error }, 'failed, trying again'),
        )
        .finally(() => this.start());
    }, waitMs);
    this.timer.unref();
  }

  /** Waits for the run under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.running;
  }
}
