import type { PipelineDocument } from '../../engine/model/pipeline.ts';
import type { Problem } from '../../engine/model/problem.ts';
import type { RunStatus } from './run.ts';

export interface PipelineSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** file name inside the workspace */
  readonly file: string;
  readonly revision: number;
  /** wall clock, ms */
  readonly savedAt: number;
  readonly nodes: number;
  readonly run: RunStatus | undefined;
  /** set: the file cannot be opened, and why */
  readonly broken?: string | undefined;
}

/** A pipeline as the page edits it. */
export interface Opened {
  readonly document: PipelineDocument;
  /** grows by one with every save, also those made by others */
  readonly revision: number;
  readonly savedAt: number;
  readonly file: string;
  readonly run: RunStatus | undefined;
  /** the document that the present run was started or last applied with; undefined: not running */
  readonly running: PipelineDocument | undefined;
}

export interface Saved {
  readonly revision: number;
  readonly savedAt: number;
}

/** Made from foreign text. `problems` hold what was mended (a duplicate id renamed, an older version lifted); errors come as a `Refusal`. */
export interface Imported extends Opened {
  readonly problems: readonly Problem[];
}

export interface HistoryEntry {
  readonly revision: number;
  readonly savedAt: number;
  readonly by: 'app' | 'disk' | 'import';
  readonly nodes: number;
  readonly edges: number;
}

export interface Exported {
  /** canonical file text */
  readonly text: string;
  readonly file: string;
  /** exact commands to copy, for the embedded stand-ins and for real services */
  readonly commands: readonly { readonly title: string; readonly command: string }[];
  /** names of environment variables that real services need */
  readonly environment: readonly string[];
}
