import type { Need, Route } from './route.js';

/** Numbers of Nest's `RequestMethod`. */
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'ALL', 'OPTIONS', 'HEAD'];

type Handler = (...args: readonly unknown[]) => unknown;

/** `Reflect` as the decorators extend it. */
interface Metadata {
  getMetadata(key: string, target: object): unknown;
}

/**
 * The routes of a module's controllers, read from what Nest's decorators and ours have left on them.
 *
 * @param exported what the module exports
 * @param file its source, for the reader
 * @throws when a route names no scope, no operator and is not open: nobody could ever call it
 */
export function routesOf(exported: Readonly<Record<string, unknown>>, file: string): Route[] {
  return Object.values(exported)
    .filter(isController)
    .flatMap((controller) => routesOfController(controller, file));
}

const metadata = Reflect as unknown as Metadata;
const read = (key: string, ...targets: readonly object[]): unknown =>
  targets.map((target) => metadata.getMetadata(key, target)).find((value) => value !== undefined);

type Controller = Handler & { readonly prototype: object };

function isController(value: unknown): value is Controller {
  return typeof value === 'function' && read('__controller__', value) === true;
}

function routesOfController(controller: Controller, file: string): Route[] {
  const base = read('path', controller);
  const methods = Object.getOwnPropertyNames(controller.prototype).filter((name) => name !== 'constructor');
  return methods.flatMap((name) => {
    const handler: unknown = Reflect.get(controller.prototype, name);
    if (typeof handler !== 'function') return [];
    const method = read('method', handler);
    const own = read('path', handler);
    if (typeof method !== 'number' || typeof own !== 'string') return [];
    const path = pathOf(String(base), own);
    return [
      { method: METHODS[method] ?? String(method), path, needs: needOf(handler, controller, path), file },
    ];
  });
}

function needOf(handler: object, controller: object, path: string): Need {
  const guards = read('__guards__', handler, controller);
  if (Array.isArray(guards) && guards.some((guard: { name?: string }) => guard.name === 'OperatorGuard'))
    return { kind: 'operator' };
  const scope = read('kizuna:scope', handler, controller);
  if (typeof scope === 'string') return { kind: 'scope', scope };
  if (read('kizuna:open', handler, controller) === true) return { kind: 'nothing' };
  throw new Error(`${path} names no scope and is not open`);
}

function pathOf(...parts: readonly string[]): string {
  const steps = parts.flatMap((part) => part.split('/')).filter((step) => step !== '');
  return `/${steps.map((step) => (step.startsWith(':') ? `{${step.slice(1)}}` : step)).join('/')}`;
}
