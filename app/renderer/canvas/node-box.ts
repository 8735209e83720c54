import type { CheckedPort } from '../../protocol/check.ts';

/** Measures of a node card, px at zoom 1. The box depends on the drawing alone, never on zoom or values, so no edge moves. */
export const HEAD = 40;
export const METER = 22;
export const FOOT = 26;
export const SECOND_FOOT = 18;
export const EXIT = 18;
const EXITS_FRAME = 8;
const MIN_WIDTH = 132;
const MAX_WIDTH = 208;

export interface PortRow {
  readonly port: CheckedPort;
  readonly side: 'in' | 'out';
  readonly index: number;
  readonly wired: boolean;
}

export interface NodeBox {
  readonly width: number;
  readonly height: number;
  /** the main road: on the header line */
  readonly input: PortRow | undefined;
  readonly output: PortRow | undefined;
  /** labelled rows at the bottom: further inputs, then further outputs that are wired or have counted a row */
  readonly rows: readonly PortRow[];
  /** silent unwired outputs behind "+n" */
  readonly folded: readonly PortRow[];
}

let measurer: CanvasRenderingContext2D | null = null;

function textWidth(text: string, font: string): number {
  measurer ??= document.createElement('canvas').getContext('2d');
  if (measurer === null) return text.length * 7;
  measurer.font = font;
  return measurer.measureText(text).width;
}

export function cardWidth(name: string, caption: string): number {
  // the name as it stands at zoom 0.8, the farthest at which all is shown: 11 px on the screen
  const words = Math.max(
    textWidth(name, '620 13.75px "Inter Variable"'),
    Math.min(96, textWidth(caption, '420 11px "Inter Variable"')),
  );
  return Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, Math.ceil((words + 54) / 4) * 4));
}

export function nodeBox(
  width: number,
  ports: { readonly inputs: readonly CheckedPort[]; readonly outputs: readonly CheckedPort[] },
  wired: (side: 'in' | 'out', port: string) => boolean,
  counted: (output: number) => boolean,
  secondFoot: boolean,
): NodeBox {
  const inputs = ports.inputs.map((port, index): PortRow => ({ port, side: 'in', index, wired: wired('in', port.name) }));
  const outputs = ports.outputs.map((port, index): PortRow => ({ port, side: 'out', index, wired: wired('out', port.name) }));
  // of many like inputs (a union's) only the wired ones and one more are worth a row
  const free = inputs.findIndex((row, index) => index > 0 && !row.wired);
  const shownInputs = inputs.slice(1).filter((row) => row.wired || row.index === free || inputs.length <= 3);
  const shownOutputs = outputs.slice(1).filter((row) => row.wired || counted(row.index));
  const rows = [...shownInputs, ...shownOutputs];
  return {
    width,
    height: HEAD + METER + FOOT + (secondFoot ? SECOND_FOOT : 0) + (rows.length === 0 ? 0 : EXITS_FRAME + EXIT * rows.length),
    input: inputs[0],
    output: outputs[0],
    rows,
    folded: outputs.slice(1).filter((row) => !shownOutputs.includes(row)),
  };
}
