import { documentOf } from './http-document.js';
import type { Route } from './route.js';

const route = (method: string, path: string, scope: string, file: string): Route => ({
  method,
  path,
  needs: { kind: 'scope', scope },
  file,
});
const FORWARD = 'apps/gateway/src/features/forward-to-campaigns/forward-rules.controller.ts';
const READ = 'apps/campaigns/src/features/read-rules/read-rules.controller.ts';
const written = (front: Route, behind: readonly Route[]): string =>
  documentOf(
    new Map([
      ['gateway', [front]],
      ['campaigns', behind],
    ]),
    [],
  );

describe('the document of routes', () => {
  const front = route('GET', '/v1/rules/{code}', 'rules:read', FORWARD);

  it('tells who answers a route of the front door, and which routes lie open to it', () => {
    const text = written(front, [
      route('GET', '/v1/rules/{ruleCode}', 'rules:read', READ),
      route('GET', '/v1/clock', 'settings:read', READ),
    ]);
    expect(text).toContain('| `GET /v1/rules/{code}` | `rules:read` | campaigns |');
    expect(text).toContain('| `GET /v1/rules/{ruleCode}` | `rules:read` | yes |');
    expect(text).toContain('| `GET /v1/clock` | `settings:read` | no |');
  });

  it('is not written when the front door asks for another scope than the room', () => {
    expect(() => written(front, [route('GET', '/v1/rules/{code}', 'rules:write', READ)])).toThrow(
      'GET /v1/rules/{} needs `rules:write`, and at the front door `rules:read`',
    );
  });
});
