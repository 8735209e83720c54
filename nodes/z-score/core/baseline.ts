/** Beyond this size squares could overflow: the values are scaled by a power of two first, which changes no digit. */
const LARGE = 2 ** 500;
const DOWN = 2 ** -540;

export interface Spread {
  mean: number;
  /** population standard deviation */
  stddev: number;
}

const spread: Spread = { mean: 0, stddev: 0 };

/** [Z1, Z6] Mean and population standard deviation by two passes, oldest value first; the result is reused by the next call. */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const size = Math.abs(value);
    if (size > largest) largest = size;
    sum += value;
  }
  if (largest > LARGE) return scaledSpread(values);
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const distance = values[i]! - mean;
    squares += distance * distance;
  }
  spread.mean = mean;
  spread.stddev = Math.sqrt(squares / count);
  return spread;
}

function scaledSpread(values: readonly number[]): Spread {
  let sum = 0;
  for (const value of values) sum += value * DOWN;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value * DOWN - mean) * (value * DOWN - mean);
  spread.mean = mean / DOWN;
  spread.stddev = Math.sqrt(squares / values.length) / DOWN;
  return spread;
}

/** [Z3] (value − mean) ÷ the spread, at least `floor`; without a floor of its own at least 1 % of |mean| and 1e−9. */
export function scoreOf(value: number, { mean, stddev }: Spread, floor: number | undefined): number {
  const divisor = Math.max(stddev, floor ?? Math.max(0.01 * Math.abs(mean), 1e-9));
  const distance = value - mean;
  // two huge numbers of opposite sign: halve both, which is exact
  return Number.isFinite(distance) ? distance / divisor : ((value / 2 - mean / 2) / divisor) * 2;
}
