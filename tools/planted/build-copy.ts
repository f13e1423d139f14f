import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const OWN_SCOPE = '@kizuna';

/** One exact change of one compiled file. */
export interface Patch {
  /** Below the root, such as `apps/campaigns/dist/…`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * Copies what was built of services and libs, so that a fault can be planted into it and never into what is shipped.
 * Packages are those of the repository; only our own are the copied ones.
 */
export function copyBuild(root: string, copy: string): void {
  const own = join(copy, 'node_modules', OWN_SCOPE);
  mkdirSync(own, { recursive: true });
  for (const project of projectsOf(root)) {
    cpSync(join(root, project, 'dist'), join(copy, project, 'dist'), { recursive: true });
    cpSync(join(root, project, 'package.json'), join(copy, project, 'package.json'));
    const nested = join(root, project, 'node_modules');
    if (existsSync(nested)) symlinkSync(nested, join(copy, project, 'node_modules'));
    const { name } = JSON.parse(readFileSync(join(copy, project, 'package.json'), 'utf8')) as {
      name: string;
    };
    symlinkSync(join(copy, project), join(copy, 'node_modules', name));
  }
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== OWN_SCOPE) symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
}

export function removeBuild(copy: string): void {
  // Links are removed as links: what they point to stays.
  rmSync(copy, { recursive: true, force: true });
}

/** @returns what undoes it. @throws when the text is not there exactly once: the plant must follow the code */
export function plant(copy: string, { file, find, replace }: Patch): () => void {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  const found = original.split(find).length - 1;
  if (found !== 1) throw new Error(`${file} has "${find}" ${found} times, not once`);
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  return () => writeFileSync(path, original);
}

function projectsOf(root: string): string[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => join(folder, name))
      .filter((project) => existsSync(join(root, project, 'dist'))),
  );
}
