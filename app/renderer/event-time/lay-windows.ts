export interface Brick {
  readonly start: number;
  readonly end: number;
  /** row from the top */
  readonly course: number;
}

/** Windows that overlap lie in courses, like bricks: each in the first course that is free again. Equal windows of several keys are one brick. */
export function layWindows(windows: readonly { readonly start: number; readonly end: number }[]): readonly Brick[] {
  const distinct = new Map(windows.map((window) => [`${window.start} ${window.end}`, window]));
  const free: number[] = [];
  return [...distinct.values()]
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map((window) => {
      let course = free.findIndex((end) => end <= window.start);
      if (course === -1) course = free.length;
      free[course] = window.end;
      return { start: window.start, end: window.end, course };
    });
}
