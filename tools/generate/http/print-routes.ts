import { globSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { routesOf } from './routes-of.js';

/** Prints the routes of the controllers in a project's build, as JSON: a process of its own, since tools import no room. */
const [root = '', project = ''] = process.argv.slice(2);
const sources = globSync(join(root, project, 'src', '**', '*.controller.ts')).sort();
const routes = [];
for (const source of sources) {
  const inProject = relative(join(root, project, 'src'), source);
  // Of what was built once, only what has a source still.
  const built = join(root, project, 'dist', inProject.replace(/\.ts$/, '.js'));
  const exported = (await import(pathToFileURL(built).href)) as Readonly<Record<string, unknown>>;
  routes.push(...routesOf(exported, [project, 'src', ...inProject.split(sep)].join('/')));
}
process.stdout.write(JSON.stringify(routes));
