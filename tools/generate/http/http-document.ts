import { join } from 'node:path';
import { ROOMS, runProgram, type RoomName } from '../../local/rooms.js';
import { table } from '../table.js';
import { doorOf, type Need, type Route } from './route.js';

const INTRODUCTION = `# HTTP

Generated from the controllers by \`npm run generate\`; do not edit. What the routes take and answer: the README of each room. A
caller has an API key (\`Authorization: Bearer kz_…\`), and the key its scopes; the program is the key's. Routes of the operator and
\`/metrics\` are on a port of their own.
`;

/** Routes by where they are called, with what the caller needs. */
export async function httpDocument(repository: string): Promise<string> {
  const rooms = new Map<RoomName, readonly Route[]>();
  for (const room of ROOMS) rooms.set(room, await read(repository, `apps/${room}`));
  const everywhere = await read(repository, 'libs/service');
  return documentOf(rooms, everywhere);
}

async function read(repository: string, project: string): Promise<readonly Route[]> {
  const program = join(import.meta.dirname, 'print-routes.js');
  const { code, stdout, stderr } = await runProgram(program, { PATH: process.env['PATH'] }, '', [
    repository,
    project,
  ]);
  if (code !== 0) throw new Error(`the routes of ${project} cannot be read: ${stderr.trim()}`);
  return JSON.parse(stdout) as Route[];
}

export function documentOf(
  rooms: ReadonlyMap<RoomName, readonly Route[]>,
  everywhere: readonly Route[],
): string {
  const front = rooms.get('gateway') ?? [];
  const behind = ROOMS.filter((room) => room !== 'gateway');
  const doors = new Map(front.map((route) => [doorOf(route), route]));
  return [
    INTRODUCTION,
    section(
      'The front door (gateway)',
      ['answered by'],
      front.map((route) => [route, [answeredBy(route)]]),
    ),
    ...behind.map((room) =>
      section(
        `Behind it: ${room}`,
        ['through the front door'],
        (rooms.get(room) ?? []).map((route) => [route, [passage(route, doors.get(doorOf(route)))]]),
      ),
    ),
    section(
      'Every room',
      [],
      everywhere.map((route) => [route, []]),
    ),
  ].join('\n');
}

/** Folders of the gateway name the room that they forward to. */
const answeredBy = ({ file }: Route): string => /\/forward-to-([^/]+)\//.exec(file)?.[1] ?? 'gateway';

/** The gateway asks some routes for itself; and one that it opens to another scope would be a mistake. */
function passage(route: Route, front: Route | undefined): string {
  if (!front) return 'no';
  if (needText(front.needs) !== needText(route.needs))
    throw new Error(
      `${doorOf(route)} needs ${needText(route.needs)}, and at the front door ${needText(front.needs)}`,
    );
  return answeredBy(front) === 'gateway' ? 'put together there' : 'yes';
}

function needText(need: Need): string {
  return {
    scope: need.kind === 'scope' ? `\`${need.scope}\`` : '',
    operator: 'the operator',
    nothing: 'nothing',
  }[need.kind];
}

function section(
  title: string,
  more: readonly string[],
  routes: readonly (readonly [Route, readonly string[]])[],
): string {
  const rows = [...routes]
    .sort(([a], [b]) => compare(a.path, b.path) || compare(a.method, b.method))
    .map(([{ method, path, needs, file }, cells]) => [
      `\`${method} ${path}\``,
      needText(needs),
      ...cells,
      `[${file.slice(file.lastIndexOf('/') + 1)}](../../${file})`,
    ]);
  return `## ${title}\n\n${table(['route', 'needs', ...more, 'controller'], rows)}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
