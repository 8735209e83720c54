import { must } from '../../engine/model/assert.ts';
import { NumberColumn, TextColumn, type Batch, type BytesColumn, type Column } from '../../engine/model/batch.ts';
import { Dictionary } from '../../engine/model/dictionary.ts';
import type { OperatorModule, Out } from '../../engine/stream/operator.ts';
import { physicalFields } from '../kit/physical-fields.ts';
import { addedFields, type SentimentSettings } from './definition.ts';
import { afinnWords, Lexicon, NEGATORS, telemetraWords } from './core/lexicon.ts';
import { TokenScorer } from './core/token-scorer.ts';

const LABELS = ['negative', 'neutral', 'positive'];
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<SentimentSettings> = {
  prepare(settings, inputs) {
    const { layout } = must(inputs[0], 'sentiment has one input');
    const column = layout.findIndex((field) => field.name === settings.field);
    const words = settings.lexicon === 'own' ? settings.words : settings.lexicon === 'afinn' ? afinnWords() : telemetraWords();
    const lexicon = new Lexicon(words, settings.negation ? NEGATORS : []);
    const added = physicalFields(addedFields(settings, must(layout[column], 'the scored column comes').nullable));
    return {
      outputs: [[...layout, ...added]],
      whole: false,
      create: () => new Sentiment(settings, column, lexicon),
    };
  },
};

/** Scores of one batch, by physical row. Arrays are reused: nobody holds a batch after emit. */
interface Scores {
  score: Float64Array;
  positive: Float64Array;
  negative: Float64Array;
  nulls: Uint8Array;
  labels: Int32Array;
}

class Sentiment extends Stateless {
  #settings: SentimentSettings;
  #column: number;
  #scorer: TokenScorer;
  #labels = new Dictionary();
  #rows = scoresFor(0);
  /** [S2] scores by dictionary id, for text that comes as ids; NaN = not scored yet */
  #byId = scoresFor(0);
  #dictionary: Dictionary | undefined;

  constructor(settings: SentimentSettings, column: number, lexicon: Lexicon) {
    super();
    this.#settings = settings;
    this.#column = column;
    this.#scorer = new TokenScorer(lexicon, settings.negation);
    for (const label of LABELS) this.#labels.internText(label);
  }

  override onBatch(_input: number, batch: Batch, out: Out): void {
    if (this.#rows.score.length < batch.length) this.#rows = scoresFor(batch.length);
    const text = batch.columns[this.#column]!;
    let nulls = false;
    if (text.kind === 'bytes') nulls = this.#scoreBytes(text, batch);
    else if (text.kind === 'text') nulls = this.#scoreIds(text, batch);
    else throw new Error(`bug: sentiment reads a ${text.kind} column`);
    out.emit(0, batch.with([...batch.columns, ...this.#columns(nulls ? this.#rows.nulls : undefined)]));
  }

  override inspect(): unknown {
    return { lexicon: this.#settings.lexicon };
  }

  override bytes(): number {
    return this.#byId.score.length * 28;
  }

  #scoreBytes(column: BytesColumn, batch: Batch): boolean {
    const { bytes, start, end } = column;
    const escaped = column.form === 'json-string';
    const nulls = this.#rows.nulls;
    let any = false;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const from = start[row]!;
      if (from < 0) {
        nulls[row] = 1;
        any = true;
        continue;
      }
      nulls[row] = 0;
      this.#scorer.score(bytes, from, end[row]!, escaped);
      this.#put(this.#rows, row);
    }
    return any;
  }

  #scoreIds(column: TextColumn, batch: Batch): boolean {
    const { ids, dictionary } = column;
    if (this.#dictionary !== dictionary || this.#byId.score.length < dictionary.size) this.#startIds(dictionary);
    const known = this.#byId;
    const rows = this.#rows;
    let any = false;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const id = ids[row]!;
      rows.nulls[row] = id < 0 ? 1 : 0;
      if (id < 0) {
        any = true;
        continue;
      }
      if (Number.isNaN(known.score[id]!)) {
        const text = dictionary.bytesOf(id);
        this.#scorer.score(text, 0, text.length, false);
        this.#put(known, id);
      }
      rows.score[row] = known.score[id]!;
      rows.positive[row] = known.positive[id]!;
      rows.negative[row] = known.negative[id]!;
      rows.labels[row] = known.labels[id]!;
    }
    return any;
  }

  #startIds(dictionary: Dictionary): void {
    const grown = scoresFor(dictionary.size + (dictionary.size >> 1) + 64);
    grown.score.fill(Number.NaN);
    if (this.#dictionary === dictionary) {
      for (const name of ['score', 'positive', 'negative', 'labels'] as const) grown[name].set(this.#byId[name]);
    }
    this.#byId = grown;
    this.#dictionary = dictionary;
  }

  #put(scores: Scores, at: number): void {
    const scorer = this.#scorer;
    let score = 0;
    if (this.#settings.normalise === 'tokens') {
      if (scorer.tokens > 0) score = Math.min(1, Math.max(-1, scorer.sum / scorer.tokens));
    } else {
      const matched = scorer.positiveSum + scorer.negativeSum;
      if (matched > 0) score = (scorer.positiveSum - scorer.negativeSum) / matched;
    }
    scores.score[at] = score;
    scores.positive[at] = scorer.positiveWords;
    scores.negative[at] = scorer.negativeWords;
    scores.labels[at] = score > 0 ? 2 : score < 0 ? 0 : 1;
  }

  #columns(nulls: Uint8Array | undefined): Column[] {
    const rows = this.#rows;
    const columns: Column[] = [new NumberColumn(rows.score, nulls)];
    if (this.#settings.words_columns) columns.push(new NumberColumn(rows.positive, nulls), new NumberColumn(rows.negative, nulls));
    if (this.#settings.label_column) {
      if (nulls !== undefined) for (let row = 0; row < rows.labels.length; row++) if (nulls[row] === 1) rows.labels[row] = -1;
      columns.push(new TextColumn(rows.labels, this.#labels));
    }
    return columns;
  }
}

function scoresFor(length: number): Scores {
  return {
    score: new Float64Array(length),
    positive: new Float64Array(length),
    negative: new Float64Array(length),
    nulls: new Uint8Array(length),
    labels: new Int32Array(length),
  };
}
