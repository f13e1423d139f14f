import { path } from './path.js';

describe('the path of a forwarded call', () => {
  it.each([
    ['ann', '/v1/members/ann/wallets'],
    ['a/b#c?d', '/v1/members/a%2Fb%23c%3Fd/wallets'],
    ['...', '/v1/members/.../wallets'],
  ])('holds an id in one segment: %s', (id, expected) => {
    const built = path`/v1/members/${id}/wallets`;
    expect(built).toBe(expected);
    expect(new URL(built, 'http://room').pathname).toBe(expected);
  });

  it.each(['', '.', '..'])('refuses what would be resolved: "%s"', (id) => {
    expect(() => path`/v1/members/${id}/wallets`).toThrow('not_found');
  });
});
