/**
 * Steps that lift older pipeline files, in order: step i lifts file version i + 1 to i + 2 and is never changed again.
 * A step gets parsed JSON that was valid in its own version and returns JSON of the next one, `telemetra` included.
 */
export type FileMigration = (old: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

export const fileMigrations: readonly FileMigration[] = [];

/** `document` of version `version`, lifted by every later step. */
export function migrateFile(
  document: Readonly<Record<string, unknown>>,
  version: number,
  steps: readonly FileMigration[] = fileMigrations,
): Readonly<Record<string, unknown>> {
  return steps.slice(version - 1).reduce((lifted, step) => step(lifted), document);
}
