export type RandomState = readonly [number, number, number, number];

/** Random numbers that a seed decides (sfc32); the state is four integers, so it can stand in a checkpoint. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#counter] = state;
  }

  static of(seed: number, stream: number): SeededRandom {
    const random = new SeededRandom([seed | 0, Math.floor(seed / 4_294_967_296) | 0, stream | 0, 1]);
    for (let i = 0; i < 16; i++) random.next();
    return random;
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter];
  }

  /** 32 random bits, unsigned */
  bits(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** [0, 1) */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** low … high, both included */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** One of several by weights that add up to 1. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let rest = this.next();
    for (const [choice, weight] of choices) {
      rest -= weight;
      if (rest < 0) return choice;
    }
    return choices[choices.length - 1]![0];
  }

  /** normal distribution, Box and Muller */
  gauss(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.bits().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }

  digits(count: number): string {
    let text = String(this.integer(1, 9));
    while (text.length < count) text += String(this.integer(0, 9));
    return text;
  }

  uuid(): string {
    const hex = this.hex(32);
    const variant = '89ab'[this.integer(0, 3)]!;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}
