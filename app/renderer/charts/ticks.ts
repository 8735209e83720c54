/** Places of ticks: round numbers, at most `most` steps apart. */

const SPANS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** 0, 2.5, 5, 7.5 …: from zero to the first step at or above the greatest value. */
export function numberTicks(greatest: number, most = 3): readonly number[] {
  if (!(greatest > 0)) return [0, 1];
  const raw = greatest / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size * most >= greatest * 0.999)!;
  return Array.from({ length: Math.ceil((greatest / step) * 0.999) + 1 }, (_, index) => index * step);
}

/** Whole seconds, minutes or hours around two times, ms. */
export function spanTicks(least: number, greatest: number, most = 3): readonly number[] {
  const step = stepOf(greatest - least, most);
  const first = Math.floor(least / step) * step;
  const steps = Math.max(1, Math.ceil((greatest - first) / step));
  return Array.from({ length: steps + 1 }, (_, index) => first + index * step);
}

/** Whole seconds, minutes or hours between two times, ms. */
export function clockTicks(from: number, to: number, most: number): readonly number[] {
  const step = stepOf(to - from, most);
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

function stepOf(span: number, most: number): number {
  const wanted = span / 1000 / most;
  const last = SPANS_S.at(-1)!;
  return (SPANS_S.find((size) => size >= wanted) ?? Math.ceil(wanted / last) * last) * 1000;
}
