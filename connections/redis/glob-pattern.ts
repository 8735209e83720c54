/** Redis's glob: `*`, `?`, `[ab]`, `[^a]`, `[a-c]`, backslash for the next character as it is. */
export function globPattern(pattern: string): (text: string) => boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const letter = pattern[i]!;
    const close = letter === '[' ? pattern.indexOf(']', i + 1) : -1;
    if (letter === '*') source += '[^]*';
    else if (letter === '?') source += '[^]';
    else if (close > 0) {
      const inside = pattern.slice(i + 1, close).replace(/[\\\]]/g, '\\$&');
      source += `[${inside}]`;
      i = close;
    } else if (letter === '\\' && i + 1 < pattern.length) source += plain(pattern[++i]!);
    else source += plain(letter);
  }
  const expression = new RegExp(`^${source}$`, 'u');
  return (text) => expression.test(text);
}

function plain(letter: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(letter) ? `\\${letter}` : letter;
}
