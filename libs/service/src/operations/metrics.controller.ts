import { Controller, Get, Header } from '@nestjs/common';
import { Open } from '../caller.js';
import { RoomMetrics } from './room-metrics.js';

/** For Prometheus; served on the internal port only. */
@Controller('metrics')
@Open()
export class MetricsController {
  constructor(private readonly metrics: RoomMetrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
