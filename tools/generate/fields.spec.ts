import { awardGranted, purchaseCompleted } from '@kizuna/contracts';
import { contractsOf } from './contracts.js';
import { fieldsOf } from './fields.js';

describe('the fields of an event', () => {
  const fields = new Map(fieldsOf(purchaseCompleted.schema).map((field) => [field.path, field]));

  it.each([
    ['quantities with their range', 'lines[].quantity', 'integer 1 to 1000000', true],
    ['money that may be anything JSON carries', 'lines[].unit_price_minor', 'integer >= 0', true],
    ['choices', 'lines[].kind', 'one of `product`, `gift_card`, `service`', false],
    ['formats', 'occurred_at', 'instant', true],
    ['lists with their length', 'lines', 'list of 1 to 2000, each object', true],
    [
      'attributes of any name',
      'attributes',
      'object of string of 0 to 500, `^[^\\u0000\\p{Cs}]*$` or number or boolean',
      false,
    ],
  ])('are told with their type: %s', (_, path, type, isRequired) => {
    expect(fields.get(path)).toEqual({ path, type, isRequired });
  });

  it('that may be null say so', () => {
    const found = fieldsOf(awardGranted.schema).find(({ path }) => path === 'release_at');
    expect(found?.type).toBe('instant or null');
  });
});

describe('the contracts among exports', () => {
  it('are found, whatever else is exported, by topic and then by type', () => {
    expect(contractsOf({ awardGranted, LANES: 12, purchaseCompleted, nothing: null })).toEqual([
      purchaseCompleted,
      awardGranted,
    ]);
  });
});
