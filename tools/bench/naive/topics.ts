export const NAIVE_TOPICS = { purchases: 'naive.purchase-events', awards: 'naive.award-events' } as const;
