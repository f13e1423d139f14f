import type { Screen } from '../start/screen.js';
import type { BenchArguments } from './arguments.js';

/** Named figures, units last in the name: what is written to `--json`, flat, and compared from release to release. */
export type Figures = Readonly<Record<string, number | string | boolean | null>>;

export interface Outcome {
  readonly figures: Figures;
  /** For people. */
  readonly table: readonly string[];
  /** What was not correct, a sentence each. A figure is never a fault: nothing here asserts a timing. */
  readonly faults: readonly string[];
}

/**
 * A benchmark brings its own servers in its own directory, checks that all of the work was done exactly once, and
 * measures rivals on the same stream in the same run.
 */
export type Benchmark = (given: BenchArguments, screen: Screen, signal: AbortSignal) => Promise<Outcome>;
