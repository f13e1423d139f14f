import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readKeysCommand } from './keys.js';
import { OperatorClient } from './operator-client.js';
import { UsageError } from './usage.js';

describe('the commands about keys', () => {
  let server: Server;
  let client: OperatorClient;
  const asked: string[] = [];
  const key = {
    key_id: 'ab12cd34',
    name: 'till 3',
    state: 'active',
    created_at: '2027-04-01T00:00:00.000Z',
    created_by: 'operator',
    expires_at: null,
    scopes: ['events:write'],
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end(JSON.stringify(request.method === 'GET' ? { items: [key], next_cursor: 'n' } : key));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = OperatorClient.of('', { KIZUNA_INTERNAL_URLS: `gateway=${url}`, OPERATOR_SECRET: 's' });
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => void (asked.length = 0));

  it('list what a program has', async () => {
    const { text } = await readKeysCommand(['list', '--program', 'shop', '--limit', '1']).run(client);
    expect(text).toContain(
      'ab12cd34  active  2027-04-01T00:00:00.000Z  operator  never    till 3  events:write',
    );
    expect(text).toContain('More with --cursor n');
    expect(asked).toEqual(['GET /internal/programs/shop/keys?limit=1 Bearer s']);
  });

  it('revoke one', async () => {
    const { text } = await readKeysCommand(['revoke', '--program', 'shop', '--id', 'ab12cd34']).run(client);
    expect(text).toBe('Key ab12cd34 of shop opens nothing any more.\n');
    expect(asked).toEqual(['POST /internal/programs/shop/keys/ab12cd34/revoke Bearer s']);
  });

  it.each<[string, readonly string[], string]>([
    ['no program', ['list'], '--program is missing.'],
    ['no key', ['revoke', '--program', 'shop'], '--id is missing.'],
    ['an unknown command', ['make', '--program', 'shop'], 'There is no command "keys make".'],
    ['a stray word', ['list', 'all', '--program', 'shop'], '"all" belongs to no option.'],
    ['an unknown option', ['list', '--tier', '1'], "Unknown option '--tier'"],
  ])('are refused with a sentence: %s', (_, argv, sentence) => {
    expect(() => readKeysCommand(argv)).toThrow(UsageError);
    expect(() => readKeysCommand(argv)).toThrow(sentence);
  });
});
