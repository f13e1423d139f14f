import type { CalculatedAward, NotAwarded } from './calculation.js';
import { different, differentInstant, repeated } from './differences.js';
import type { AwardRead, Explained, StatusAward, StatusRead } from './program-reads.js';

const awardName = ({ rule, wallet }: { rule: string; wallet: string }): string => `${rule} (${wallet})`;

export function awardDifferences(
  name: string,
  expected: readonly CalculatedAward[],
  answered: readonly AwardRead[],
): string[] {
  // An award of nothing may be listed for its explanation; it is no award.
  const found = answered.filter(({ amount, clawback_total }) => amount !== 0 || clawback_total !== 0);
  const differences = repeated(found.map(awardName)).map(
    (award) => `${name}: ${award} should be awarded once, found more than once.`,
  );
  const foundByName = new Map(found.map((award) => [awardName(award), award]));
  for (const should of expected) {
    const award = awardName(should);
    const is = foundByName.get(award);
    foundByName.delete(award);
    if (is === undefined) {
      differences.push(`${name}: ${award} should be ${should.amount} units, found no award.`);
      continue;
    }
    differences.push(
      ...different(`${name}: the units of ${award}`, should.amount, is.amount),
      ...different(`${name}: the version of ${award}`, should.rule_version, is.rule_version),
      ...different(`${name}: the clawback of ${award}`, should.clawback_total, is.clawback_total),
      ...timeDifferences(`${name}: ${award}`, should, is),
    );
  }
  for (const [award, { amount }] of foundByName)
    differences.push(`${name}: ${award} should not be awarded, found ${amount} units.`);
  return differences;
}

/** An answer that leaves times out says nothing about them; `null` says: at once, never. */
function timeDifferences(name: string, should: CalculatedAward, is: AwardRead): string[] {
  const { release_at: release, expires_at: expires } = is;
  return [
    ...(release === undefined ? [] : differentInstant(`${name}: its release`, should.release_at, release)),
    ...(expires === undefined ? [] : differentInstant(`${name}: its expiry`, should.expires_at, expires)),
  ];
}

/** Lines without units may be left out of the answer, so only lines that carry units on one side are compared. */
export function lineDifferences(
  name: string,
  expected: CalculatedAward,
  awards: readonly StatusAward[],
): string[] {
  const award = awardName(expected);
  const found = awards.find((candidate) => awardName(candidate) === award);
  if (found === undefined) return [];
  const foundById = new Map((found.lines ?? []).map((line) => [line.line_id, line]));
  const differences: string[] = [];
  for (const { line_id, units, eligible_minor } of expected.lines) {
    const is = foundById.get(line_id);
    foundById.delete(line_id);
    differences.push(
      ...different(`${name}: the units of ${award} on line ${line_id}`, units, is?.units ?? 0),
    );
    if (units > 0 && is !== undefined)
      differences.push(
        ...different(`${name}: the eligible amount of line ${line_id}`, eligible_minor, is.eligible_minor),
      );
  }
  for (const { line_id } of foundById.values())
    differences.push(`${name}: ${award} names line ${line_id}, which the order does not have.`);
  return differences;
}

/** Where a rule is said to have given nothing, or less, the reason must be one that holds. */
export function reasonDifferences(
  name: string,
  {
    awards,
    not_awarded,
  }: { readonly awards: readonly CalculatedAward[]; readonly not_awarded: readonly NotAwarded[] },
  { explanation, no_awards }: StatusRead,
): string[] {
  const told = (explanation ?? no_awards ?? []).filter(({ reason }) => typeof reason === 'string');
  const isOf = ({ rule, wallet }: Explained, other: { rule: string; wallet: string }): boolean =>
    rule === other.rule && (wallet === undefined || wallet === other.wallet);
  const why = not_awarded.flatMap((none) => {
    const is = told.find((entry) => isOf(entry, none))?.reason ?? undefined;
    const holds: readonly string[] = [none.reason, ...(none.also ?? [])];
    return is === undefined || holds.includes(is)
      ? []
      : [`${name}: ${awardName(none)} gives nothing because of ${holds.join(' or ')}, found ${is}.`];
  });
  const cut = awards.flatMap((award) => {
    const is = told.find((entry) => isOf(entry, award))?.reason ?? undefined;
    const should = award.cut_from === undefined ? undefined : 'cap_partly';
    return is === undefined || is === should
      ? []
      : [`${name}: ${awardName(award)} gives ${award.amount} units, found the reason ${is}.`];
  });
  return [...why, ...cut];
}
