import type { ReactFlowInstance } from '@xyflow/react';
import type { FlowEdge, FlowNode } from './flow-parts.ts';

/** The surface that the pipeline is drawn on. */
export type Flow = ReactFlowInstance<FlowNode, FlowEdge>;

/** Where the pointer was last over the canvas, on the screen. */
export const pointer = { x: 0, y: 0 };
