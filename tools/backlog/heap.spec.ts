import { isFlat, quarters } from './heap.js';

describe('the heap of a service', () => {
  it('is told by quarters of the time', () => {
    expect(quarters([10, 20, 30, 40, 50, 60, 70, 80])).toEqual([15, 35, 55, 75]);
  });

  it.each([
    ['stays', [100, 110, 90, 100], true],
    ['grows as a young one does', [60, 120, 150, 180], true],
    ['grows and grows', [100, 200, 250, 300], false],
    ['was never told', [], false],
  ])('that %s', (_, samples, expected) => {
    expect(isFlat(samples)).toBe(expected);
  });
});
