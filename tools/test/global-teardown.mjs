/** Runs whether the specs passed or not. */
export default async function tearDown() {
  const { stack, discard } = globalThis.kizunaTestStack ?? {};
  if (stack === undefined) return;
  await stack.stop();
  await discard();
}
