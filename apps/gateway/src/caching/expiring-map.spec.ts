import { ExpiringMap } from './expiring-map.js';

describe('remembered answers', () => {
  it('are loaded once, by however many ask at the same time', async () => {
    const map = new ExpiringMap<number>(1_000, 10);
    let loads = 0;
    const load = async (): Promise<number> => (loads += 1);
    expect(await Promise.all([map.get('a', load), map.get('a', load), map.get('a', load)])).toEqual([
      1, 1, 1,
    ]);
  });

  it('are loaded again after their time', async () => {
    const map = new ExpiringMap<number>(0, 10);
    let loads = 0;
    const load = async (): Promise<number> => (loads += 1);
    expect([await map.get('a', load), await map.get('a', load)]).toEqual([1, 2]);
  });

  it('are not failures', async () => {
    const map = new ExpiringMap<number>(1_000, 10);
    await expect(map.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await map.get('a', async () => 7)).toBe(7);
  });

  it('never outgrow their bound, and the oldest goes', async () => {
    const map = new ExpiringMap<string>(1_000, 3);
    for (const name of ['a', 'b', 'c', 'd']) await map.get(name, async () => name);
    expect([map.size, map.has('a'), map.has('b'), map.has('d')]).toEqual([3, false, true, true]);
  });
});
