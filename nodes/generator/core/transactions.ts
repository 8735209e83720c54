import type { Person } from './chat.ts';
import { producerTime } from './model-state.ts';
import type { SeededRandom } from './random.ts';
import { DONATION_TEXTS } from './vocabulary.ts';

const TYPES = [
  ['donation', 0.2],
  ['subscription', 0.3],
  ['bits', 0.25],
  ['gift_sub', 0.15],
  ['subscription_renewal', 0.1],
] as const;
const TIERS: readonly (readonly [{ readonly tier: string; readonly amount: number }, number])[] = [
  [{ tier: 'tier1', amount: 4.99 }, 0.6],
  [{ tier: 'tier2', amount: 9.99 }, 0.2],
  [{ tier: 'tier3', amount: 24.99 }, 0.15],
  [{ tier: 'prime', amount: 0 }, 0.05],
];

export function transactionEvent(random: SeededRandom, channel: string, who: Person, timeUs: number): Record<string, unknown> {
  const type = random.weighted(TYPES);
  return {
    transaction_id: `txn_${random.hex(16)}`,
    channel,
    username: who.username,
    user_id: who.userId,
    transaction_type: type,
    timestamp: producerTime(timeUs),
    is_anonymous: random.chance(0.05),
    currency: 'USD',
    ...details(random, type),
    metadata: { payment_method: random.pick(['credit_card', 'paypal', 'crypto', 'gift_card']), refundable: type !== 'bits' },
  };
}

function details(random: SeededRandom, type: (typeof TYPES)[number][0]): Record<string, unknown> {
  switch (type) {
    case 'donation':
      return { amount: random.pick([1, 2, 5, 10, 20, 50, 100, 500]), message: random.pick(DONATION_TEXTS) };
    case 'bits':
      return { amount: random.pick([100, 500, 1000, 5000, 10_000]), message: random.pick(DONATION_TEXTS) };
    case 'gift_sub': {
      const count = random.pick([1, 5, 10, 20, 50, 100]);
      // whole cents: 4.99 × 10 is 49.900000000000006 in floats
      return { amount: (499 * count) / 100, tier: 'tier1', gift_count: count };
    }
    default: {
      const { tier, amount } = random.weighted(TIERS);
      const months = random.integer(1, 60);
      return { amount, tier, months, streak_months: random.integer(0, months) };
    }
  }
}
