import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CommandsRepository } from '../storage/commands.repository.js';

const EVERY_MS = 60 * 60 * 1_000;

/** Forgets the answers of commands after thirty days. Several instances may do it at once. */
@Injectable()
export class TidyCommandsJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('commands');
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly commands: CommandsRepository) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.commands
        .tidy()
        .catch((err: unknown) => this.logger.error({ err }, 'tidying failed, trying again in an hour'));
    }, EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
