import { setFlagsFromString } from 'node:v8';

/**
 * Once, before the first expression is parsed.
 *
 * `--wasm-tiering-budget`, raised so far that no function reaches it: WebAssembly here is PostgreSQL's grammar, run for a few
 * hundred short texts. V8's second compiler takes 550 MiB and half a second of CPU for it in each process, and pays nothing
 * back. (`--liftoff-only` says the same, but is not heard after the start.)
 *
 * `--external-memory-accounted-in-global-limit`: batches live outside of the JavaScript heap. Without the flag V8 collects the
 * whole heap after each 64 MiB of them, ten times a second in a fast run, although the next scavenge frees them anyway; with it
 * they count against one limit that grows with the heap and that `--max-old-space-size` lowers.
 */
export function tuneV8(): void {
  setFlagsFromString('--wasm-tiering-budget=2000000000');
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
