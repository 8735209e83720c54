/**
 * Tumbling and hopping windows as sums of panes (T5): windows [k × hop, k × hop + size), panes of gcd(size, hop), aligned to the
 * epoch. All times µs. hop ≤ size, so that every time lies in a window.
 */
export class WindowGeometry {
  readonly sizeUs: number;
  readonly hopUs: number;
  readonly paneUs: number;

  constructor(sizeUs: number, hopUs: number) {
    this.sizeUs = sizeUs;
    this.hopUs = hopUs;
    this.paneUs = greatestCommonDivisor(sizeUs, hopUs);
  }

  paneStart(time: number): number {
    return Math.floor(time / this.paneUs) * this.paneUs;
  }

  /** end of the first window that contains the pane, or any time in it */
  firstEnd(pane: number): number {
    return this.nextEnd(pane);
  }

  /** end of the last window that contains the pane */
  lastEnd(pane: number): number {
    return Math.floor(pane / this.hopUs) * this.hopUs + this.sizeUs;
  }

  /** the earliest window end after a time */
  nextEnd(time: number): number {
    if (time === -Infinity) return -Infinity;
    return (Math.floor((time - this.sizeUs) / this.hopUs) + 1) * this.hopUs + this.sizeUs;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
