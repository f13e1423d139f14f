import { Global, Module, type DynamicModule } from '@nestjs/common';
import {
  AUTHENTICATION,
  loggingModule,
  RoomModule,
  ServiceTokenAuthentication,
  type Room,
} from '@kizuna/service';
import { readConfig, type CampaignsConfig } from './campaigns.config.js';
import { ChangeRuleStateController } from './features/change-rule-state/change-rule-state.controller.js';
import { CreateRuleController } from './features/create-rule/create-rule.controller.js';
import { DecideAwardsConsumer } from './features/decide-awards/decide-awards.consumer.js';
import { DecideEngagementsConsumer } from './features/decide-engagements/decide-engagements.consumer.js';
import { DecideReviewsController } from './features/decide-reviews/decide-reviews.controller.js';
import { FollowSettingsConsumer } from './features/follow-settings/follow-settings.consumer.js';
import { QuoteAwardsController } from './features/quote-awards/quote-awards.controller.js';
import { ReadActivityController } from './features/read-activity/read-activity.controller.js';
import { ReadAwardsController } from './features/read-awards/read-awards.controller.js';
import { ReadClockController } from './features/read-clock/read-clock.controller.js';
import { ReadEngagementController } from './features/read-engagement/read-engagement.controller.js';
import { ReadPurchaseController } from './features/read-purchase/read-purchase.controller.js';
import { ReadReviewsController } from './features/read-reviews/read-reviews.controller.js';
import { ReadRulesController } from './features/read-rules/read-rules.controller.js';
import { RuleFailures } from './operations/rule-failures.js';
import { ActivityQuery } from './storage/activity.query.js';
import { EarningRuleEntity } from './storage/earning-rule.entity.js';
import { ProgramsRepository } from './storage/programs.repository.js';
import { PurchasesQuery } from './storage/purchases.query.js';
import { ReviewsRepository } from './storage/reviews.repository.js';
import { RulesRepository } from './storage/rules.repository.js';

@Global()
@Module({})
export class CampaignsModule {
  static forRoot(config: CampaignsConfig): DynamicModule {
    return {
      module: CampaignsModule,
      imports: [loggingModule(config), RoomModule.forRoot({ config, entities: [EarningRuleEntity] })],
      controllers: [
        FollowSettingsConsumer,
        DecideAwardsConsumer,
        CreateRuleController,
        ChangeRuleStateController,
        ReadRulesController,
        ReadPurchaseController,
        ReadAwardsController,
        DecideEngagementsConsumer,
        ReadEngagementController,
        QuoteAwardsController,
        ReadReviewsController,
        DecideReviewsController,
        ReadActivityController,
        ReadClockController,
      ],
      providers: [
        ProgramsRepository,
        RulesRepository,
        PurchasesQuery,
        ReviewsRepository,
        ActivityQuery,
        RuleFailures,
        {
          provide: AUTHENTICATION,
          useFactory: () => new ServiceTokenAuthentication(config.jwksUrl, 'campaigns'),
        },
      ],
      exports: [AUTHENTICATION],
    };
  }
}

export const campaigns: Room<CampaignsConfig> = {
  name: 'campaigns',
  config: readConfig,
  module: (config) => CampaignsModule.forRoot(config),
};
