import { LANES, topics, type EventContract, type Topic, type TopicSettings } from '@kizuna/contracts';
import { fieldsOf, type Field } from './fields.js';
import { table } from './table.js';

const DAY_MS = 86_400_000;

const INTRODUCTION = `# Events

Generated from \`libs/contracts\` by \`npm run generate\`; do not edit. Every event is a CloudEvent 1.0 in structured JSON; the
tables show its \`data\`. Every topic has ${LANES} partitions and the partitioner of \`libs/messaging/src/lane.ts\`. The schemas as
files: \`libs/contracts/schemas\`.
`;

/** All events, by topic, with their fields. */
export function eventsDocument(contracts: readonly EventContract[]): string {
  const sections = (Object.keys(topics) as Topic[]).map((topic) =>
    topicSection(
      topic,
      contracts.filter((contract) => contract.topic === topic),
    ),
  );
  return [INTRODUCTION, index(contracts), ...sections].join('\n');
}

function index(contracts: readonly EventContract[]): string {
  const rows = contracts.map(({ type, topic }) => [`\`${type}\``, `\`${topic}\``, topics[topic].owner]);
  return table(['type', 'topic', 'owner'], rows);
}

function topicSection(topic: Topic, contracts: readonly EventContract[]): string {
  const { owner, retentionMs, compacted }: TopicSettings = topics[topic];
  const kept = compacted ? 'compacted' : `kept for ${(retentionMs ?? 0) / DAY_MS} days`;
  const events = contracts.map(
    ({ type, schema }) =>
      `\n### \`${type}\`\n\n${table(['field', 'type', 'required'], fieldsOf(schema).map(fieldRow))}`,
  );
  return `## Topic \`${topic}\`\n\nOwned by ${owner}, ${kept}.\n${events.join('')}`;
}

const fieldRow = ({ path, type, isRequired }: Field): string[] => [
  `\`${path}\``,
  type,
  isRequired ? 'yes' : 'no',
];
