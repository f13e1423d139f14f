import type { Queryable } from './database.js';

/**
 * SQL of a function, owned by the migrating role, with which the runtime role may add a range partition and do nothing
 * else to a table. It attaches an empty table, which does not stop readers and writers of the parent.
 */
export function ensurePartitionFunction(schema: string, runtimeRole: string): string {
  return `
    CREATE FUNCTION "${schema}".ensure_partition(parent text, suffix text, low text, high text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "${schema}", pg_temp AS $$
    DECLARE
      child text := parent || '_' || suffix;
    BEGIN
      IF suffix !~ '^[a-z0-9_]{1,20}$' THEN RAISE EXCEPTION 'not a partition suffix: %', suffix; END IF;
      IF NOT EXISTS (SELECT FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
                     WHERE c.relname = parent AND c.relnamespace = '"${schema}"'::regnamespace) THEN
        RAISE EXCEPTION 'not a partitioned table of this room: %', parent;
      END IF;
      IF to_regclass(format('%I.%I', '${schema}', child)) IS NOT NULL THEN RETURN false; END IF;
      PERFORM pg_advisory_xact_lock(hashtext('${schema}.' || parent));
      IF to_regclass(format('%I.%I', '${schema}', child)) IS NOT NULL THEN RETURN false; END IF;
      BEGIN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', child, parent);
      EXCEPTION WHEN duplicate_table THEN
        -- Whoever held the lock before us made it; an advisory lock alone does not refresh what this session knows of names.
        RETURN false;
      END;
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child, low, high);
      EXECUTE format('ANALYZE %I', child);
      RETURN true;
    END $$;
    REVOKE ALL ON FUNCTION "${schema}".ensure_partition(text, text, text, text) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION "${schema}".ensure_partition(text, text, text, text) TO "${runtimeRole}";
  `;
}

/** SQL of a function with which the runtime role may drop partitions of these tables, and of no others. */
export function dropPartitionFunction(
  schema: string,
  runtimeRole: string,
  tables: readonly string[],
): string {
  return `
    CREATE FUNCTION "${schema}".drop_partition(parent text, suffix text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "${schema}", pg_temp AS $$
    BEGIN
      IF parent <> ALL (ARRAY[${tables.map((table) => `'${table}'`).join(', ')}]) THEN
        RAISE EXCEPTION 'partitions of % are kept', parent;
      END IF;
      IF suffix !~ '^[0-9]{8}$' THEN RAISE EXCEPTION 'not a day partition: %', suffix; END IF;
      EXECUTE format('DROP TABLE IF EXISTS %I', parent || '_' || suffix);
    END $$;
    REVOKE ALL ON FUNCTION "${schema}".drop_partition(text, text) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION "${schema}".drop_partition(text, text) TO "${runtimeRole}";
  `;
}

/** Adds the partition `[low, high)` when it is missing. Idempotent and safe under races. */
export async function ensurePartition(
  on: Queryable,
  parent: string,
  { suffix, low, high }: { readonly suffix: string; readonly low: string; readonly high: string },
): Promise<void> {
  await on.query('SELECT ensure_partition($1, $2, $3, $4)', [parent, suffix, low, high]);
}

/** The partition of one UTC day. */
export function dayPartition(at: Date): { suffix: string; low: string; high: string } {
  const day = at.toISOString().slice(0, 10);
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  return { suffix: day.replaceAll('-', ''), low: `${day} 00:00:00+00`, high: `${next} 00:00:00+00` };
}
