/** Typed arrays that grow to at least `length`, keeping their content; new places hold `fill`. The same array when it is long enough. */

export function grownFloats(array: Float64Array<ArrayBuffer>, length: number, fill = 0): Float64Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const grown = new Float64Array(capacityFor(length));
  if (fill !== 0) grown.fill(fill, array.length);
  grown.set(array);
  return grown;
}

export function grownInts(array: Int32Array<ArrayBuffer>, length: number, fill = 0): Int32Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const grown = new Int32Array(capacityFor(length));
  if (fill !== 0) grown.fill(fill, array.length);
  grown.set(array);
  return grown;
}

export function grownBytes(array: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const grown = new Uint8Array(capacityFor(length));
  grown.set(array);
  return grown;
}

/** Next power of two from 64 on, so that repeated growth copies each value a constant number of times. */
export function capacityFor(length: number): number {
  let capacity = 64;
  while (capacity < length) capacity *= 2;
  return capacity;
}
