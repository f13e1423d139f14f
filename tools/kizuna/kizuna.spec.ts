import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runProgram, type ProgramResult } from '../local/rooms.js';
import { toolsFolder } from '../stack/context.js';

const MAIN = join(dirname(toolsFolder()), 'tools', 'dist', 'kizuna', 'main.js');
const CREATE = ['programs', 'create'];
const COMPLETE = [
  ...CREATE,
  ...['--id', 'shop', '--name', 'Shop', '--currency', 'JPY', '--time-zone', 'Asia/Tokyo'],
];

describe('the operator command', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kizuna-command-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (argv: readonly string[]): Promise<ProgramResult> =>
    runProgram(MAIN, { PATH: process.env['PATH'] }, '', argv);

  it.each([
    ['itself', ['--help'], 'programs create'],
    ['itself, when nothing is asked', [], 'programs create'],
    ['a group', ['programs'], '--time-zone ZONE'],
    ['a command', [...CREATE, '--help'], '--time-zone ZONE'],
    ['the commands about keys', ['keys'], 'keys revoke --program ID'],
  ])('explains %s', async (_, argv, text) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(text);
  });

  it.each([
    ['an unknown command', ['wallets'], 'There is no command "wallets".'],
    ['an unknown command of a group', ['programs', 'remove'], 'There is no command "programs remove".'],
    ['an unknown command about keys', ['keys', 'make'], 'There is no command "keys make".'],
    ['a missing option', [...CREATE, '--id', 'shop'], '--name, --currency, --time-zone are missing.'],
    ['an unknown option', [...COMPLETE, '--tier', '1'], "Unknown option '--tier'"],
  ])('ends with 2 and the help after %s', async (_, argv, sentence) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('npm run kizuna --');
  });

  it('ends with 1 and a sentence that says what to do when nothing runs', async () => {
    const { code, stdout, stderr } = await run([...COMPLETE, '--directory', directory]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Nothing runs in ${directory}: run "npm start" in another terminal`);
  });
});
