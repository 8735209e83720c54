const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

export interface ScaledNumber {
  /** value × 10^scale, digits beyond it cut; undefined: beyond ±(2^53−1) */
  readonly value: number | undefined;
  /** nothing but zeros was cut */
  readonly exact: boolean;
}

/** A number as JSON writes it, as a scaled integer by its digits (never through a float). undefined: not a JSON number. */
export function scaledNumber(text: string, scale: number): ScaledNumber | undefined {
  const parts = NUMBER.exec(text);
  if (parts === null) return undefined;
  const fraction = parts[3] ?? '';
  const digits = (parts[2]! + fraction).replace(/^0+/, '');
  if (digits === '') return { value: 0, exact: true };
  // an exponent of more digits than fit a double is ±Infinity here, and the comparisons below still hold
  const shift = scale + Number(parts[4] ?? '0') - fraction.length;
  let kept = digits;
  let exact = true;
  if (shift < 0) {
    const cut = Math.min(-shift, digits.length);
    kept = digits.slice(0, digits.length - cut);
    exact = /^0*$/.test(digits.slice(digits.length - cut)) && -shift <= digits.length;
  } else if (shift > 0) {
    if (digits.length + shift > 17) return { value: undefined, exact };
    kept = digits + '0'.repeat(shift);
  }
  if (kept.length > 17) return { value: undefined, exact };
  const size = kept === '' ? 0 : Number(kept);
  if (!Number.isSafeInteger(size)) return { value: undefined, exact };
  return { value: size === 0 ? 0 : parts[1] === '-' ? -size : size, exact };
}
