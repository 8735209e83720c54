import { useMemo } from 'react';
import type { DeadLetter } from '../../protocol/browse.ts';

const PER_LINE = 12;
const LINES = 16;

/** Bytes around the fault, as numbers and as text; the one at fault is marked. */
export function HexView({ letter }: { letter: DeadLetter }) {
  const lines = useMemo(() => {
    const bytes = Uint8Array.from(atob(letter.bytes), (char) => char.charCodeAt(0));
    const first = Math.max(0, Math.floor((letter.position ?? 0) / PER_LINE) - 2) * PER_LINE;
    const shown: { at: number; bytes: number[] }[] = [];
    for (let at = first; at < bytes.length && shown.length < LINES; at += PER_LINE)
      shown.push({ at, bytes: Array.from(bytes.subarray(at, at + PER_LINE)) });
    return shown;
  }, [letter]);
  return (
    <div className="hex mono" role="img" aria-label={`Bytes of the row, fault at byte ${letter.position ?? 'unknown'}`}>
      {lines.map((line) => (
        <div key={line.at}>
          <span className="t3">{String(line.at).padStart(4, '0')}</span>
          <span>
            {line.bytes.map((byte, index) => (
              <Mark key={index} on={line.at + index === letter.position} text={byte.toString(16).padStart(2, '0')} after=" " />
            ))}
          </span>
          <span className="t2">
            {line.bytes.map((byte, index) => (
              <Mark
                key={index}
                on={line.at + index === letter.position}
                text={byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·'}
                after=""
              />
            ))}
          </span>
        </div>
      ))}
      {letter.cut && <div className="t3">cut at 16 KiB</div>}
    </div>
  );
}

function Mark({ on, text, after }: { on: boolean; text: string; after: string }) {
  return (
    <>
      {on ? <mark>{text}</mark> : text}
      {after}
    </>
  );
}
