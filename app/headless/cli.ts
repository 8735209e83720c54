import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { tuneV8 } from '../../engine/host/tune-v8.ts';
import { EXIT, describeError, exitCodeOf } from './exit-codes.ts';
import type { RunFlags } from './commands/run.ts';
import type { StateFlags } from './commands/state.ts';
import type { TestFlags } from './commands/test.ts';
import type { DeadFlags } from './commands/dead.ts';

const DEFAULT_WORKSPACE = '.telemetra';

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on is expected');
  return value;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('a port from 0 to 65535 is expected');
  return value;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The command line. Commands are loaded when they are used, so that `--help` is quick. Returns the exit code. */
export async function cli(words: readonly string[]): Promise<number> {
  tuneV8();
  let exitCode: number = EXIT.done;
  const done = (code: number | Promise<number>): Promise<void> =>
    Promise.resolve(code).then((value) => {
      exitCode = value;
    });
  const program = new Command('telemetra')
    .description('Draw a stream-processing pipeline, watch it run, trust its numbers, ship it as a file.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(telemetra --help shows the commands)');
  const group = (text: string, summary: string): Command => program.command(text).description(summary);
  const command = (text: string, summary: string): Command =>
    group(text, summary).option('--workspace <dir>', 'where state and stand-ins live', DEFAULT_WORKSPACE);

  command('run <pipeline>', 'run a pipeline file in this process; SIGTERM and Ctrl-C stop it cleanly')
    .option(
      '--read <node=file>',
      'read this source from a JSON-lines file (also .gz) instead; other sources are empty',
      collect,
      [],
    )
    .option('--write <node=file>', 'write this sink to a JSON-lines file instead; other sinks only count', collect, [])
    .option('--from <where>', 'earliest, latest, stored, or a time such as 2026-09-07T07:17:12Z')
    .option('--bounded', 'stop at the present end of the input and close every window', false)
    .option('--state <dir>', 'state directory of this run')
    .option('--fresh', 'forget the stored state and begin anew', false)
    .option('--fresh-node <node>', 'let this node start without its stored state', collect, [])
    .option('--adopt', 'take over sinks that another state has written', false)
    .option('--allow-duplicates', 'with --adopt: also sinks without a key', false)
    .addOption(new Option('--services <which>', 'what stands behind connection names').choices(['env', 'embedded']).default('env'))
    .option('--metrics-port <port>', 'Prometheus text at /metrics and liveness at /healthz (0: a free port)', portNumber)
    .option('--metrics-host <host>', 'address of the metrics port', '127.0.0.1')
    .addOption(new Option('--log <form>', 'how the run reports').choices(['json', 'pretty']))
    .addOption(new Option('--batch-rows <n>', 'rows a batch').argParser(positive).hideHelp())
    .addOption(new Option('--epoch-ms <n>', 'length of an epoch').argParser(positive).hideHelp())
    .addOption(new Option('--base <dir>', 'where relative paths of settings start').hideHelp())
    .addOption(new Option('--paused', 'start paused').default(false).hideHelp())
    .action(async (file: string, flags: RunFlags) => {
      const { run } = await import('./commands/run.ts');
      await done(run(file, { ...flags, log: flags.log ?? (process.stderr.isTTY === true ? 'pretty' : 'json') }));
    });
  command('check <pipeline>', 'list every problem of a pipeline file; exit 2 when it cannot run')
    .option('--json', 'as JSON', false)
    .action(async (file: string, flags: { json: boolean }) => done((await import('./commands/check.ts')).check(file, flags)));
  command('test [place]', 'run the flow tests of a pipeline, of a directory, or one; --record makes one from what just ran')
    .option('--record <node.port>', 'record the last seconds of all sources and the rows of this edge as a new test')
    .option('--seconds <n>', 'how far back to record', positive, 30)
    .option('--name <name>', 'name of the recorded test')
    .addOption(new Option('--services <which>', 'what stands behind connection names').choices(['env', 'embedded']).default('env'))
    .option('--json', 'as JSON', false)
    .action(async (place: string | undefined, flags: TestFlags) =>
      done((await import('./commands/test.ts')).test(place ?? '.', flags)),
    );
  command('explain <pipeline>', 'what runs: schemas of the edges, plan, state, guarantees')
    .option('--sql', 'the expressions as PostgreSQL with explicit casts', false)
    .action(async (file: string, flags: { sql: boolean }) => done((await import('./commands/explain.ts')).explain(file, flags)));
  command('diff <a> <b>', 'what differs between two pipeline files, and what becomes of the state').action(
    async (a: string, b: string) => done((await import('./commands/diff.ts')).diff(a, b)),
  );
  addState(group, done);
  addDead(group, done);
  addTopics(group, done);
  command('reset', 'remove the workspace: state, stand-ins, everything in it').action(async (flags: { workspace: string }) =>
    done((await import('./commands/reset.ts')).reset(flags.workspace)),
  );
  // carried out by the entry point, which loads the server only then
  group('start', 'the app in the browser, with the demo running (telemetra start --help)');

  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    const commanderCode = (error as { code?: string }).code;
    if (commanderCode?.startsWith('commander.') === true)
      return commanderCode.endsWith('helpDisplayed') || commanderCode === 'commander.version' ? EXIT.done : EXIT.notValid;
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
  return exitCode;
}

type Add = (text: string, summary: string) => Command;
type Done = (code: number | Promise<number>) => Promise<void>;

function addState(group: Add, done: Done): void {
  const words: [string, string, (flags: StateFlags, id: string | undefined) => Promise<number>][] = [
    ['ls', 'list stored states', async (flags) => (await import('./commands/state.ts')).stateLs(flags)],
    [
      'verify [id]',
      'compare every stored value with its checksum',
      async (flags, id) => (await import('./commands/state.ts')).stateVerify(flags, id),
    ],
    [
      'reset [id]',
      'forget the state of a pipeline',
      async (flags, id) => (await import('./commands/state.ts')).stateReset(flags, id),
    ],
  ];
  const state = group('state', 'stored state of pipelines');
  for (const [text, summary, work] of words) {
    const sub = state
      .command(text)
      .description(summary)
      .option('--workspace <dir>', 'workspace', DEFAULT_WORKSPACE)
      .option('--state <dir>', 'one state directory');
    if (text === 'ls') sub.action(async (flags: StateFlags) => done(work(flags, undefined)));
    else sub.action(async (id: string | undefined, flags: StateFlags) => done(work(flags, id)));
  }
}

type DeadWords = Omit<DeadFlags, 'stateDirectory'> & StateFlags;

function addDead(group: Add, done: Done): void {
  const dead = group('dead', 'dead letters of a pipeline');
  const add = (text: string, summary: string): Command =>
    dead
      .command(text)
      .description(summary)
      .option('--workspace <dir>', 'workspace', DEFAULT_WORKSPACE)
      .option('--state <dir>', 'state directory, when it is not the usual one')
      .option('--node <node>', 'only of this node')
      .option('--code <code>', 'only with this code')
      .option('--limit <n>', 'at most so many', positive, 20)
      .option('--json', 'as JSON lines', false);
  const flagsOf = async (pipeline: string, words: DeadWords): Promise<DeadFlags> => ({
    ...words,
    stateDirectory: words.state ?? (await import('./pipeline-state.ts')).pipelineState(pipeline, words.workspace),
  });
  add('ls <pipeline>', 'counts by cause, then the newest').action(async (pipeline: string, words: DeadWords) =>
    done((await import('./commands/dead.ts')).deadLs(await flagsOf(pipeline, words))),
  );
  add('show <pipeline> <id>', 'one dead letter whole').action(async (pipeline: string, id: string, words: DeadWords) =>
    done((await import('./commands/dead.ts')).deadShow(await flagsOf(pipeline, words), Number(id))),
  );
  add('replay <pipeline> [ids...]', 'send letters once more through their source; without ids: the newest that match')
    .option('--text <text>', 'send this text instead of the kept bytes (one id)')
    .option('--dry-run', 'only say what would be late', false)
    .action(async (pipeline: string, ids: readonly string[], words: DeadWords & { text?: string; dryRun: boolean }) =>
      done(
        (await import('./commands/dead.ts')).deadReplay(
          pipeline,
          await flagsOf(pipeline, words),
          ids.map(Number),
          words.text,
          words.dryRun,
        ),
      ),
    );
}

function addTopics(group: Add, done: Done): void {
  const topics = group('topics', 'topics behind a Kafka connection');
  const add = (text: string, summary: string): Command =>
    topics
      .command(text)
      .description(summary)
      .option('--workspace <dir>', 'workspace', DEFAULT_WORKSPACE)
      .option('--connection <name>', 'connection', 'kafka')
      .addOption(
        new Option('--services <which>', 'what stands behind connection names').choices(['env', 'embedded']).default('env'),
      );
  add('ls', 'list topics').action(async (flags) => done((await import('./commands/topics.ts')).topicsLs(flags)));
  add('show <topic>', 'partitions and offsets of a topic').action(async (topic: string, flags) =>
    done((await import('./commands/topics.ts')).topicsShow(topic, flags)),
  );
  add('tail <topic>', 'the newest messages of a topic')
    .option('--last <n>', 'so many of each partition at most', positive, 10)
    .option('--follow', 'go on with what comes', false)
    .option('--json', 'as JSON lines', false)
    .action(async (topic: string, flags) => done((await import('./commands/topics.ts')).topicsTail(topic, flags)));
}
