import type { AnyDefinition, NodeDefinition } from '../engine/model/definition.ts';
import { definition as fileSink } from './file-sink/definition.ts';
import { definition as postgresSink } from './postgres-sink/definition.ts';
import { definition as sentiment } from './sentiment/definition.ts';
import { definition as zScore } from './z-score/definition.ts';

function entry<S>(definition: NodeDefinition<S>): AnyDefinition {
  return definition as unknown as AnyDefinition;
}

/** The list of kinds, one line each, in the order of the palette. */
export const catalog: readonly AnyDefinition[] = [
  entry(sentiment),
  entry(zScore),
  entry(postgresSink),
  entry(fileSink),
];
