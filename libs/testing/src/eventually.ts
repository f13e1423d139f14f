/** Repeats an expectation until it holds; the last failure is what a red test shows. */
export async function eventually<Result>(
  expectation: () => Promise<Result> | Result,
  { withinMs = 45_000, everyMs = 50 } = {},
): Promise<Result> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

/** Runs something several times at once. */
export async function times<Result>(
  count: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}
