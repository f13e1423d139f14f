import { checkRefund } from './check-refund.js';

describe('the lines of a refund', () => {
  it.each([
    ['none', {}],
    ['different ones', { lines: [{ line_id: '1' }, { line_id: '2' }] }],
  ])('are right: %s', (_, refund) => {
    expect(checkRefund(refund)).toEqual([]);
  });

  it('name a line once', () => {
    const lines = [{ line_id: '1' }, { line_id: '2' }, { line_id: '1' }];
    expect(checkRefund({ lines })).toEqual([
      { pointer: '/lines/2/line_id', detail: 'is also the id of line 0' },
    ]);
  });
});
