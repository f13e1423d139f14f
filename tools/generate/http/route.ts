/** One route as its decorators say it. */
export interface Route {
  /** `GET`, `POST`, … */
  readonly method: string;
  /** Parameters as `{name}`. */
  readonly path: string;
  /** What the caller needs: a scope, the operator's secret, or nothing. */
  readonly needs: Need;
  /** Source of the controller, in the repository. */
  readonly file: string;
}

export type Need =
  | { readonly kind: 'scope'; readonly scope: string }
  | { readonly kind: 'operator' }
  | { readonly kind: 'nothing' };

/** The same door, whatever its parameters are called. */
export const doorOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string =>
  `${method} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`;
