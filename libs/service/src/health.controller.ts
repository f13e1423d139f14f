import { Controller, Get } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { Database } from '@kizuna/database';
import { Open } from './caller.js';
import { Readiness } from './readiness.js';

/** Liveness says that the process answers; readiness that it should be given work. */
@Controller('health')
@Open()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(): Promise<HealthCheckResult> {
    return this.health.check([
      async () => {
        const indicator = this.indicators.check('database');
        try {
          await this.database.query('SELECT 1');
          return indicator.up();
        } catch {
          return indicator.down();
        }
      },
      () => {
        const indicator = this.indicators.check('room');
        const reason = this.readiness.obstacle();
        return reason ? indicator.down({ reason }) : indicator.up();
      },
    ]);
  }
}
