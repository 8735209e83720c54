import { producerTime } from './model-state.ts';
import type { SeededRandom } from './random.ts';
import { EMOTES, TEMPLATES, USERNAMES, WAVES } from './vocabulary.ts';

const BITS = [1, 5, 10, 25, 50, 100, 500, 1000];

export interface Person {
  readonly username: string;
  readonly userId: string;
}

/** The person behind a number: always the same name and id, for one seed. Ids have six or seven digits. */
export function person(index: number, seed: number): Person {
  let mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed | 0, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = (mixed ^ (mixed >>> 15)) >>> 0;
  const name = USERNAMES[index % USERNAMES.length]!;
  const round = Math.floor(index / USERNAMES.length);
  return { username: round === 0 ? name : `${name}_${round}`, userId: `user_${100_000 + (mixed % 9_900_000)}` };
}

/** Few people write much, many write little; while a moment lasts the quiet ones write too. */
export function pickPerson(random: SeededRandom, users: number, seed: number, excited: boolean): Person {
  const share = random.next();
  return person(Math.floor(users * (excited ? share : share * share * share)), seed);
}

/** `wave`: index into WAVES while a moment lasts, −1 otherwise. */
export function chatEvent(
  random: SeededRandom,
  channel: string,
  who: Person,
  timeUs: number,
  wave: number,
): Record<string, unknown> {
  const messageId = random.uuid();
  const emotes: string[] = [];
  const inWave = wave >= 0 && random.chance(0.85);
  const template = random.pick(inWave ? WAVES[wave]![1] : TEMPLATES);
  let message = template.replaceAll('{emote}', () => {
    const emote = inWave && random.chance(0.9) ? WAVES[wave]![0] : random.pick(EMOTES);
    if (!emotes.includes(emote)) emotes.push(emote);
    return emote;
  });
  const badges: string[] = [];
  if (random.chance(0.15)) badges.push('subscriber');
  if (random.chance(0.02)) badges.push('moderator');
  if (random.chance(0.01)) badges.push('vip');
  const isAction = random.chance(0.05);
  const bits = random.chance(0.03) ? random.pick(BITS) : 0;
  const hint = sentimentHint(message);
  if (bits > 0) message += ` (cheered ${bits} bits)`;
  return {
    message_id: messageId,
    channel,
    username: who.username,
    user_id: who.userId,
    message,
    emotes,
    badges,
    is_action: isAction,
    bits,
    sentiment_hint: hint,
    timestamp: producerTime(timeUs),
    metadata: { client: random.pick(['web', 'mobile', 'desktop']), color: `#${random.hex(6)}` },
  };
}

/** The producer's own rule: never negative. */
function sentimentHint(message: string): string {
  if (/\b(love|best|great|amazing|good|perfect|awesome|nice|thanks)\b/i.test(message)) return 'positive';
  if (message.includes('?')) return 'question';
  if (/!|\b(POG|LETS GO|no way|PogChamp|POGGERS|haha|lol)\b/i.test(message)) return 'excited';
  return 'neutral';
}
