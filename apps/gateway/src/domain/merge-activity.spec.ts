import { endOfPage, mergeActivity, unshown, type ActivityItem } from './merge-activity.js';

const item = (second: number, kind: string, id = String(second)): ActivityItem => ({
  at: `2027-04-10T12:00:0${second}.000Z`,
  kind,
  id,
});
const page = [item(5, 'award'), item(4, 'award'), item(4, 'purchase'), item(2, 'refund')];
const after = (last: string) => ({ before: 'x', last: `2027-04-10T12:00:0${last}`, isAtEnd: false });

describe('a page of a room that was shown in part', () => {
  it('goes on behind the item that was shown last', () => {
    const placed = unshown({ items: page, next: undefined }, after('4.000Z award 4'));
    expect(placed.map(({ item: { kind } }) => kind)).toEqual(['purchase', 'refund']);
  });

  it('tells items of one time and id apart by their kind', () => {
    const placed = unshown({ items: page, next: undefined }, after('4.000Z purchase 4'));
    expect(placed.map(({ item: { kind } }) => kind)).toEqual(['refund']);
  });

  it('goes on with what is older when the item that was shown last is gone', () => {
    const placed = unshown({ items: page, next: undefined }, after('4.000Z waiting w-1'));
    expect(placed.map(({ item: { kind } }) => kind)).toEqual(['refund']);
    expect(unshown({ items: page, next: undefined }, after('0.000Z waiting w-1'))).toEqual([]);
  });

  it('says of each item where the list stands behind it', () => {
    const [first, second] = unshown(
      { items: page.slice(0, 2), next: 'y' },
      { ...after(''), last: undefined },
    );
    expect(first?.after).toEqual(after('5.000Z award 5'));
    expect(second?.after).toEqual({ before: 'y', last: undefined, isAtEnd: false });
    expect(endOfPage(undefined)).toEqual({ before: undefined, last: undefined, isAtEnd: true });
  });
});

describe('lists of several rooms', () => {
  it('leave a list where it stands when nothing of it is shown', () => {
    const start = after('1.000Z award 1');
    const placed = unshown({ items: [item(1, 'transfer')], next: 'y' }, { ...start, last: undefined });
    const newer = unshown({ items: [item(9, 'award')], next: 'z' }, { ...start, last: undefined });
    const merged = mergeActivity(
      [
        { start, placed },
        { start, placed: newer },
      ],
      1,
    );
    expect(merged.items).toEqual([item(9, 'award')]);
    expect(merged.positions).toEqual([start, { before: 'z', last: undefined, isAtEnd: false }]);
  });

  it('show an earlier list first where the time is the same', () => {
    const start = { before: undefined, last: undefined, isAtEnd: false };
    const lists = ['first', 'second'].map((kind) => ({
      start,
      placed: unshown({ items: [item(3, kind)], next: undefined }, start),
    }));
    expect(mergeActivity(lists, 5).items.map(({ kind }) => kind)).toEqual(['first', 'second']);
  });
});
