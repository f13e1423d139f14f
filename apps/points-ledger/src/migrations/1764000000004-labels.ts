import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a rule is called in Japanese. Lots from before have none, and go on being told by the one name they came with. */
export class Labels1764000000004 implements MigrationInterface {
  readonly name = 'Labels1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE lot ADD COLUMN rule_label_ja text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE lot DROP COLUMN rule_label_ja');
  }
}
