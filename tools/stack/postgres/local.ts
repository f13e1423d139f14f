import { join } from 'node:path';
import type { Part, StackContext } from '../context.js';
import { adoptOrStart, type ServerPlan } from '../server.js';
import { postgresBinaries, type PostgresBinaries } from './binaries.js';
import { openCluster, type Cluster } from './cluster.js';
import type { PostgresAddress } from './environment.js';
import { postmasterOf, removeStalePidFile } from './postmaster-pid.js';
import { serverSettings } from './sql.js';
import { unprivileged, type Unprivileged } from './unprivileged.js';

export async function postgresFromLocalProcess(context: StackContext): Promise<Part<PostgresAddress>> {
  const binaries = await postgresBinaries();
  const asOrdinaryUser = await unprivileged(context.environment);
  const folder = context.folder();
  const cluster = await openCluster(context, folder, binaries, asOrdinaryUser);
  const plan = postgresPlan(context, folder.path, cluster, binaries, asOrdinaryUser);
  const server = await adoptOrStart(plan, context, folder);
  return {
    address: { adminUrl: adminUrl(cluster, server.ports), version: binaries.version },
    from: 'local',
    stop: () => server.stop(),
  };
}

function postgresPlan(
  context: StackContext,
  directory: string,
  cluster: Cluster,
  binaries: PostgresBinaries,
  asOrdinaryUser: Unprivileged,
): ServerPlan {
  const { data } = cluster;
  return {
    name: 'postgres',
    title: `PostgreSQL ${binaries.version}`,
    logFile: join(directory, 'postgres.log'),
    portCount: 1,
    command: (ports) =>
      asOrdinaryUser({
        file: binaries.postgres,
        arguments: serverArguments(data, ports),
        environment: context.environment,
      }),
    shownAs: (ports) => [binaries.postgres, ...serverArguments(data, ports)],
    prepare: async () => removeStalePidFile(data),
    answers: (ports) => servesData(cluster, ports),
    unrecorded: () => postmasterOf(data),
  };
}

function serverArguments(data: string, ports: readonly number[]): readonly string[] {
  const settings = {
    port: String(ports[0]),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // the path of a socket may have 107 characters, a checkout's may have more
    max_connections: '200',
    // Durability as in production: a test that passes without it proves nothing.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    TimeZone: 'UTC',
    log_timezone: 'UTC',
  };
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Another server may listen on a port that was ours, even one with the same password. */
async function servesData(cluster: Cluster, ports: readonly number[]): Promise<boolean> {
  try {
    const { data_directory } = await serverSettings(adminUrl(cluster, ports), 'data_directory');
    return data_directory === cluster.data;
  } catch {
    return false;
  }
}

function adminUrl({ password }: Cluster, ports: readonly number[]): string {
  return `postgres://postgres:${password}@127.0.0.1:${ports[0]}/postgres`;
}
