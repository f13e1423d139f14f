import { Global, Module, type DynamicModule } from '@nestjs/common';
import {
  AUTHENTICATION,
  loggingModule,
  RoomModule,
  ServiceTokenAuthentication,
  type Room,
} from '@kizuna/service';
import { BooksMetrics } from './features/check-books/books-metrics.js';
import { CheckBooksJob } from './features/check-books/check-books.job.js';
import { ReadBooksController } from './features/check-books/read-books.controller.js';
import { FollowSettingsConsumer } from './features/follow-settings/follow-settings.consumer.js';
import { PostAwardsConsumer } from './features/post-awards/post-awards.consumer.js';
import { ReadActivityController } from './features/read-activity/read-activity.controller.js';
import { ReadClockController } from './features/read-clock/read-clock.controller.js';
import { ReadLotsController } from './features/read-lots/read-lots.controller.js';
import { ReadRedemptionController } from './features/read-redemption/read-redemption.controller.js';
import { ReadTransfersController } from './features/read-transfers/read-transfers.controller.js';
import { ReadWalletsController } from './features/read-wallets/read-wallets.controller.js';
import { RedeemPointsController } from './features/redeem-points/redeem-points.controller.js';
import { RedeemPointsHandler } from './features/redeem-points/redeem-points.handler.js';
import { SettleDueJob } from './features/settle-due/settle-due.job.js';
import { readConfig, type PointsLedgerConfig } from './points-ledger.config.js';
import { BooksQuery } from './storage/books.query.js';
import { BooksRepository } from './storage/books.repository.js';
import { DueLotsQuery } from './storage/due-lots.query.js';
import { LedgerRepository } from './storage/ledger.repository.js';
import { ProgramsRepository } from './storage/programs.repository.js';
import { RedemptionsRepository } from './storage/redemptions.repository.js';
import { StatementQuery } from './storage/statement.query.js';
import { TransferPartitions } from './storage/transfer-partitions.js';
import { WalletsQuery } from './storage/wallets.query.js';

@Global()
@Module({})
export class PointsLedgerModule {
  static forRoot(config: PointsLedgerConfig): DynamicModule {
    return {
      module: PointsLedgerModule,
      imports: [loggingModule(config), RoomModule.forRoot({ config })],
      controllers: [
        FollowSettingsConsumer,
        PostAwardsConsumer,
        ReadTransfersController,
        ReadLotsController,
        ReadWalletsController,
        ReadActivityController,
        ReadRedemptionController,
        ReadClockController,
        ReadBooksController,
        RedeemPointsController,
      ],
      providers: [
        ProgramsRepository,
        LedgerRepository,
        TransferPartitions,
        DueLotsQuery,
        RedemptionsRepository,
        RedeemPointsHandler,
        SettleDueJob,
        WalletsQuery,
        StatementQuery,
        BooksQuery,
        BooksRepository,
        CheckBooksJob,
        BooksMetrics,
        {
          provide: AUTHENTICATION,
          useFactory: () => new ServiceTokenAuthentication(config.jwksUrl, 'points-ledger'),
        },
      ],
      exports: [AUTHENTICATION],
    };
  }
}

export const pointsLedger: Room<PointsLedgerConfig> = {
  name: 'points-ledger',
  config: readConfig,
  module: (config) => PointsLedgerModule.forRoot(config),
};
