/**
 * How well a text answers a search, 0 (not at all) to 1. Every word of the search must be there: what is only scattered over a long text is
 * no find, and a name comes before what is merely said about it.
 */
export function rank(text: string, search: string, about: readonly string[] = []): number {
  const wanted = search.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const name = text.toLowerCase();
  if (wanted === '' || name === wanted) return 1;
  if (name.startsWith(wanted)) return 0.9;
  const starts = name.split(/[^\p{L}\p{N}]+/u);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 0.8;
  if (words.every((word) => name.includes(word))) return 0.6;
  const all = [name, ...about].join(' ').toLowerCase();
  return words.every((word) => all.includes(word)) ? 0.3 : 0;
}
