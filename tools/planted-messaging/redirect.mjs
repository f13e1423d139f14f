/** Loaded into worker processes by `--import`: they get the libraries with the bug in place of the built ones. */
import { registerHooks } from 'node:module';

const planted = JSON.parse(process.env.KIZUNA_PLANTED ?? '{}');

registerHooks({
  resolve: (specifier, context, next) => next(planted[specifier] ?? specifier, context),
});
