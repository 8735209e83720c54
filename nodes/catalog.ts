import type { AnyDefinition, NodeDefinition } from '../engine/model/definition.ts';
import { definition as chart } from './chart/definition.ts';
import { definition as dedupe } from './dedupe/definition.ts';
import { definition as derive } from './derive/definition.ts';
import { definition as explode } from './explode/definition.ts';
import { definition as fileSink } from './file-sink/definition.ts';
import { definition as fileSource } from './file-source/definition.ts';
import { definition as filter } from './filter/definition.ts';
import { definition as generator } from './generator/definition.ts';
import { definition as intervalJoin } from './interval-join/definition.ts';
import { definition as kafkaSink } from './kafka-sink/definition.ts';
import { definition as kafkaSource } from './kafka-source/definition.ts';
import { definition as postgresSink } from './postgres-sink/definition.ts';
import { definition as redisSink } from './redis-sink/definition.ts';
import { definition as sentiment } from './sentiment/definition.ts';
import { definition as topN } from './top-n/definition.ts';
import { definition as union } from './union/definition.ts';
import { definition as validate } from './validate/definition.ts';
import { definition as window } from './window/definition.ts';
import { definition as windowJoin } from './window-join/definition.ts';
import { definition as zScore } from './z-score/definition.ts';

function entry<S>(definition: NodeDefinition<S>): AnyDefinition {
  return definition as unknown as AnyDefinition;
}

/** The list of kinds, one line each, in the order of the palette. */
export const catalog: readonly AnyDefinition[] = [
  entry(kafkaSource),
  entry(fileSource),
  entry(generator),
  entry(filter),
  entry(derive),
  entry(validate),
  entry(explode),
  entry(union),
  entry(sentiment),
  entry(window),
  entry(zScore),
  entry(dedupe),
  entry(topN),
  entry(windowJoin),
  entry(intervalJoin),
  entry(chart),
  entry(kafkaSink),
  entry(postgresSink),
  entry(redisSink),
  entry(fileSink),
];
