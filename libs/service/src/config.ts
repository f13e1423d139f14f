/** What is wrong with the configuration, every fault at once; each names the variable it is about. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and gathers what is wrong with them; `done()` throws once, with all of it. */
export class ConfigReader {
  private readonly faults: string[] = [];

  constructor(private readonly environment: Environment) {}

  text(name: string, fallback?: string): string {
    const value = this.environment[name] ?? fallback;
    if (value === undefined || value === '') {
      if (fallback !== '') this.faults.push(`${name} is missing`);
      return '';
    }
    return value;
  }

  integer(name: string, { min, max, fallback }: { min: number; max: number; fallback?: number }): number {
    const text = this.text(name, fallback?.toString());
    const value = Number(text);
    if (text !== '' && (!Number.isInteger(value) || value < min || value > max))
      this.faults.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
    return value;
  }

  url(name: string, protocols: readonly string[]): string {
    const text = this.text(name);
    // The value may hold a password: it is never printed.
    if (text !== '' && !(URL.canParse(text) && protocols.includes(new URL(text).protocol)))
      this.faults.push(`${name} must be a URL of ${protocols.join(' or ')}`);
    return text;
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
    const text = this.text(name, fallback);
    const value = values.find((known) => known === text);
    if (!value) this.faults.push(`${name} must be one of ${values.join(', ')}, not "${text}"`);
    return value ?? fallback;
  }

  list(name: string, fallback?: string): string[] {
    return this.text(name, fallback)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  secret(name: string, minLength: number): string {
    const text = this.text(name);
    if (text !== '' && text.length < minLength)
      this.faults.push(`${name} must have at least ${minLength} characters`);
    return text;
  }

  /** For what only the room can judge. */
  fault(sentence: string): void {
    this.faults.push(sentence);
  }

  /** @throws ConfigError */
  done(): void {
    if (this.faults.length > 0) throw new ConfigError(`configuration: ${this.faults.join('; ')}`);
  }
}

/** What every room needs to know. */
export interface RoomConfig {
  readonly room: string;
  readonly host: string;
  readonly port: number;
  /** The operators' door: loopback unless said otherwise. */
  readonly internalHost: string;
  readonly internalPort: number;
  /** How long the headers, and the whole, of a request may be under way. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly kafkaBrokers: readonly string[];
  readonly topicPrefix: string;
  /** A process whose consumer was given no answer to a fetch for so long, by a broker that answers others, ends itself. */
  readonly fetchTimeoutMs: number;
  readonly operatorSecret: string;
  readonly logLevel: string;
}

export function readRoomConfig(room: string, config: ConfigReader): RoomConfig {
  return {
    room,
    host: config.text('HOST', '127.0.0.1'),
    port: config.integer('PORT', { min: 0, max: 65_535 }),
    internalHost: config.text('INTERNAL_HOST', '127.0.0.1'),
    internalPort: config.integer('INTERNAL_PORT', { min: 0, max: 65_535 }),
    headersTimeoutMs: config.integer('HEADERS_TIMEOUT_MS', { min: 100, max: 60_000, fallback: 10_000 }),
    requestTimeoutMs: config.integer('REQUEST_TIMEOUT_MS', { min: 100, max: 300_000, fallback: 30_000 }),
    trustedProxies: config.list('TRUSTED_PROXIES', ''),
    databaseUrl: config.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    databasePoolSize: config.integer('DATABASE_POOL_SIZE', { min: 2, max: 200, fallback: 10 }),
    kafkaBrokers: config.list('KAFKA_BROKERS'),
    topicPrefix: config.text('KAFKA_TOPIC_PREFIX', ''),
    fetchTimeoutMs: config.integer('FETCH_TIMEOUT_MS', { min: 5_000, max: 3_600_000, fallback: 90_000 }),
    operatorSecret: config.secret('OPERATOR_SECRET', 16),
    logLevel: config.oneOf(
      'LOG_LEVEL',
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'info',
    ),
  };
}
