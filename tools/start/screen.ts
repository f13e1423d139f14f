const BAR_WIDTH = 30;
const LINE_EVERY_MS = 3_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Lines for people; on a terminal the last one may be a progress bar. */
export class Screen {
  private readonly startedAt = Date.now();
  private isBarShown = false;
  private lastLineAt = 0;

  line(text = ''): void {
    if (this.isBarShown) process.stdout.write('\r\x1b[K');
    this.isBarShown = false;
    say(text);
  }

  step(text: string): void {
    this.line(`${((Date.now() - this.startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  }

  lines(texts: readonly string[]): void {
    this.line();
    for (const text of texts) this.line(text);
  }

  progress(what: string, done: number, total: number): void {
    if (process.stdout.isTTY) {
      const filled = total === 0 ? BAR_WIDTH : Math.floor((done / total) * BAR_WIDTH);
      const bar = '█'.repeat(filled).padEnd(BAR_WIDTH, '░');
      process.stdout.write(`\r\x1b[K  ${bar}  ${done} of ${total} ${what}`);
      this.isBarShown = true;
      return;
    }
    if (done < total && Date.now() - this.lastLineAt < LINE_EVERY_MS) return;
    this.lastLineAt = Date.now();
    this.step(`${done} of ${total} ${what}`);
  }
}
