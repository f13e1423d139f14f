import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AUTHENTICATION, loggingModule, RoomModule, type Room } from '@kizuna/service';
import { Commands } from './commands/commands.js';
import { TidyCommandsJob } from './commands/tidy-commands.job.js';
import { ApiKeyAuthentication } from './credentials/api-key-authentication.js';
import { KeysInAddresses } from './door/keys-in-addresses.js';
import { AcceptEngagementController } from './features/accept-engagement/accept-engagement.controller.js';
import { AcceptEventsController } from './features/accept-events/accept-events.controller.js';
import { AcceptPurchaseController } from './features/accept-purchase/accept-purchase.controller.js';
import { AcceptRefundController } from './features/accept-refund/accept-refund.controller.js';
import { AdvanceClockController } from './features/advance-clock/advance-clock.controller.js';
import { ChangeProgramController } from './features/change-program/change-program.controller.js';
import { CreateApiKeyController } from './features/manage-api-keys/create-api-key.controller.js';
import { ManageApiKeysController } from './features/manage-api-keys/manage-api-keys.controller.js';
import { OperateApiKeysController } from './features/operate-api-keys/operate-api-keys.controller.js';
import { ForwardReviewsController } from './features/forward-to-campaigns/forward-reviews.controller.js';
import { ForwardRulesController } from './features/forward-to-campaigns/forward-rules.controller.js';
import { ForwardToCampaignsController } from './features/forward-to-campaigns/forward-to-campaigns.controller.js';
import { ForwardRedemptionsController } from './features/forward-to-points-ledger/forward-redemptions.controller.js';
import { ForwardToPointsLedgerController } from './features/forward-to-points-ledger/forward-to-points-ledger.controller.js';
import { PublishKeySetController } from './features/publish-key-set/publish-key-set.controller.js';
import { ReadActivityController } from './features/read-activity/read-activity.controller.js';
import { ReadProgramHistoryController } from './features/read-program-history/read-program-history.controller.js';
import { ReadProgramController } from './features/read-program/read-program.controller.js';
import { Forwarder } from './forwarding/forwarder.js';
import { RoomClocks } from './forwarding/room-clocks.js';
import { ServiceTokens } from './forwarding/service-tokens.js';
import { SigningKeys } from './forwarding/signing-keys.js';
import { Upstreams } from './forwarding/upstreams.js';
import { readConfig, type GatewayConfig } from './gateway.config.js';
import { ContentTypes } from './intake/content-types.js';
import { IntakeProducer } from './intake/intake-producer.js';
import { Intake } from './intake/intake.js';
import { Programs } from './programs/programs.js';
import { ApiKeyEntity } from './storage/api-key.entity.js';
import { ApiKeysRepository } from './storage/api-keys.repository.js';
import { CommandsRepository } from './storage/commands.repository.js';
import { ProgramEntity } from './storage/program.entity.js';
import { ProgramsRepository } from './storage/programs.repository.js';
import { SettingsRepository } from './storage/settings.repository.js';

@Global()
@Module({})
export class GatewayModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        loggingModule(config),
        RoomModule.forRoot({ config, entities: [ProgramEntity, ApiKeyEntity] }),
      ],
      controllers: [
        AcceptPurchaseController,
        AcceptRefundController,
        AcceptEngagementController,
        AcceptEventsController,
        ReadProgramController,
        ReadProgramHistoryController,
        ChangeProgramController,
        AdvanceClockController,
        ManageApiKeysController,
        CreateApiKeyController,
        OperateApiKeysController,
        PublishKeySetController,
        ReadActivityController,
        ForwardToCampaignsController,
        ForwardRulesController,
        ForwardReviewsController,
        ForwardToPointsLedgerController,
        ForwardRedemptionsController,
      ],
      providers: [
        ProgramsRepository,
        SettingsRepository,
        ApiKeysRepository,
        CommandsRepository,
        Programs,
        ContentTypes,
        IntakeProducer,
        Intake,
        { provide: SigningKeys, useValue: new SigningKeys(config.signingKey) },
        ServiceTokens,
        Upstreams,
        Commands,
        TidyCommandsJob,
        Forwarder,
        RoomClocks,
        KeysInAddresses,
        ApiKeyAuthentication,
        { provide: AUTHENTICATION, useExisting: ApiKeyAuthentication },
      ],
      exports: [AUTHENTICATION],
    };
  }
}

export const gateway: Room<GatewayConfig> = {
  name: 'gateway',
  config: readConfig,
  module: (config) => GatewayModule.forRoot(config),
};
