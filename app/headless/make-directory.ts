import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault } from '../../engine/model/fault.ts';
import { systemReason } from './system-error.ts';

/**
 * The directory with all above it. Level by level: `mkdir` with `recursive` never returns in file systems that take no
 * new directories and say ENOENT (/proc).
 */
export function makeDirectory(path: string, option: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  for (; !existsSync(at); at = dirname(at)) missing.push(at);
  try {
    if (!statSync(at).isDirectory()) throw unusable(option, path, `${at} is a file, not a directory`);
    for (const directory of missing.toReversed()) mkdirSync(directory);
  } catch (error) {
    if (error instanceof Fault) throw error;
    // another process was quicker
    if ((error as { code?: string }).code === 'EEXIST') return makeDirectory(path, option);
    throw unusable(option, path, systemReason(error) ?? String(error));
  }
}

function unusable(option: string, path: string, why: string): Fault {
  return new Fault('fatal', 'bad_option', `The directory ${path} cannot be used: ${why}.`, {
    mend: `Name a directory that can be written with ${option}.`,
  });
}
