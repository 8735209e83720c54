import { durationUs } from '../../engine/model/duration.ts';
import { Fault } from '../../engine/model/fault.ts';
import type { SourceModule } from '../../engine/stream/connector.ts';
import { EventModel, MAX_HISTORY_US } from './core/event-model.ts';
import type { ModelSettings } from './core/model-state.ts';
import type { Settings } from './definition.ts';
import { GeneratorReader, type Anchor } from './generator-reader.ts';

export const source: SourceModule<Settings> = {
  async open(given, context) {
    const settings = withEnvironment(given, process.env);
    const model = modelSettings(settings);
    const nowUs = context.now() * 1000;
    const historyUs = Math.min(durationUs(settings.backfill), MAX_HISTORY_US);
    const stored = context.positions.get(0);
    if (stored !== undefined) {
      const anchor = stored.anchor as Anchor;
      const state = EventModel.resume(model, anchor.state, nowUs, historyUs);
      // after a jump over time nothing of the old slot is sent any more
      const skip = state.beganUs === anchor.state.beganUs ? anchor.skip : 0;
      return new GeneratorReader(new EventModel(model, state), { offset: stored.offset, skip, limit: settings.messages }, context);
    }
    const { from } = context;
    const earliest = nowUs - MAX_HISTORY_US;
    const beganUs =
      from.kind === 'latest' ? nowUs : from.kind === 'time' ? Math.max(earliest, Math.min(nowUs, from.timeUs)) : nowUs - historyUs;
    const state = EventModel.withSpike(model, EventModel.begin(model, beganUs), nowUs, nowUs - beganUs);
    return new GeneratorReader(new EventModel(model, state), { offset: 0, skip: 0, limit: settings.messages }, context);
  },
};

function modelSettings(settings: Settings): ModelSettings {
  return {
    rate: settings.rate,
    channels: settings.channels,
    seed: settings.seed,
    produce: settings.produce,
    bursts: {
      everyUs: durationUs(settings.bursts.every),
      factor: settings.bursts.factor,
      lengthUs: durationUs(settings.bursts.length),
    },
    lateShare: settings.late_share,
    disorderUs: durationUs(settings.disorder),
    brokenShare: settings.broken_share,
    users: settings.users,
  };
}

/** The names of the producer that came before; the first of two wins. An empty variable is none. */
export function withEnvironment(settings: Settings, environment: Readonly<Record<string, string | undefined>>): Settings {
  const value = (...names: readonly string[]): readonly [name: string, text: string] | undefined => {
    for (const name of names) {
      const text = environment[name]?.trim();
      if (text !== undefined && text !== '') return [name, text];
    }
    return undefined;
  };
  const rate = value('PRODUCER_RATE_PER_SEC', 'RATE_PER_SEC');
  const channels = value('PRODUCER_CHANNELS', 'CHANNELS');
  return {
    ...settings,
    rate: rate === undefined ? settings.rate : rateOf(...rate),
    channels: channels === undefined ? settings.channels : channelsOf(...channels),
    produce: {
      chat: switchOf(value('PRODUCE_CHAT'), settings.produce.chat),
      viewer: switchOf(value('PRODUCE_VIEWER'), settings.produce.viewer),
      transactions: switchOf(value('PRODUCE_TRANSACTIONS'), settings.produce.transactions),
      stream_meta: switchOf(value('PRODUCE_STREAM_META'), settings.produce.stream_meta),
    },
  };
}

function bad(name: string, text: string, mend: string): Fault {
  return new Fault(
    'fatal',
    'bad_environment',
    `The environment variable ${name} is ${JSON.stringify(text)}. Nothing was generated.`,
    { mend },
  );
}

function rateOf(name: string, text: string): number {
  const rate = Number(text);
  if (!(rate >= 0.1 && rate <= 50_000)) throw bad(name, text, `Set ${name} to a number of events per second, 0.1 to 50000.`);
  return rate;
}

function channelsOf(name: string, text: string): string[] {
  const channels = text
    .split(',')
    .map((channel) => channel.trim())
    .filter((channel) => channel !== '');
  if (
    channels.length === 0 ||
    channels.length > 200 ||
    new Set(channels).size < channels.length ||
    channels.some((channel) => channel.length > 100)
  ) {
    throw bad(name, text, `Set ${name} to channel names with commas between them, each once.`);
  }
  return channels;
}

function switchOf(given: readonly [name: string, text: string] | undefined, otherwise: boolean): boolean {
  if (given === undefined) return otherwise;
  const [name, text] = given;
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  throw bad(name, text, `Set ${name} to true or false.`);
}
