import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearGround, ownServersOnly } from './ground.js';

describe('the ground of a run that begins anew', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kizuna-ground-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const clear = (maker: 'drill' | 'backlog' = 'backlog'): Promise<void> =>
    clearGround(directory, maker, () => undefined);

  it('is emptied of what an earlier run left', async () => {
    await clear();
    writeFileSync(join(directory, 'left.txt'), 'x');
    await clear();
    expect(readdirSync(directory)).toEqual(['backlog.json']);
  });

  it.each(['by nobody', 'by another tool'])('is not taken where it was made %s', async (by) => {
    if (by === 'by another tool') await clear('drill');
    writeFileSync(join(directory, 'precious.txt'), 'x');
    await expect(clear()).rejects.toThrow('has no backlog.json');
    expect(existsSync(join(directory, 'precious.txt'))).toBe(true);
  });

  it('has servers of its own, whatever the environment names', () => {
    const environment = { KIZUNA_POSTGRES_URL: 'postgres://prod', KIZUNA_KAFKA_BROKERS: 'prod:9092', A: 'b' };
    expect(ownServersOnly(environment)).toEqual({
      KIZUNA_POSTGRES_URL: '',
      KIZUNA_KAFKA_BROKERS: '',
      A: 'b',
    });
  });
});
