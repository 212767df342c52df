import { getModels } from '../api/admin';
import { getOptionNames } from '../api/client';
import type { Messages } from '../i18n/messages';
import { remember, remembered } from '../shell/memory';
import type { Wishes } from './interrupted';

export interface Choice {
  value: string;
  name: string;
}

/** People that can be told apart by their number. */
const PEOPLE = [2, 3, 4, 5, 6, 7, 8];

/** What is asked for with the next files, and what can be: that depends on the server. */
class UploadOptions {
  title = $state('');
  language = $state(remembered('spoken') ?? '');
  model = $state('');
  /** The fields of the upload that say it, as a query: `diarize=true&num_speakers=2`. */
  speakers = $state('');
  template = $state('');
  summaryLanguage = $state('');

  #models = $state.raw<string[]>([]);
  #known = $state.raw<string[]>([]);
  #asked = false;

  /** Asks the server what it can do, once. */
  load(): void {
    if (this.#asked) return;
    this.#asked = true;
    const later = () => (this.#asked = false);
    getModels().then(({ models }) => {
      const speech = models.filter(({ kind, installed }) => kind === 'speech' && installed);
      this.#models = speech.map(({ name }) => name);
    }, later);
    getOptionNames().then((names) => (this.#known = names), later);
  }

  speak(language: string): void {
    this.language = language;
    remember('spoken', language);
  }

  get wishes(): Wishes {
    const { language, model, template, summaryLanguage } = this;
    const speakers = Object.fromEntries(new URLSearchParams(this.speakers));
    return { language, model, ...speakers, template, summary_language: summaryLanguage };
  }

  /** The speech models that are there; none where there is nothing to choose. */
  models(t: Messages): Choice[] {
    if (this.#models.length < 2) return [];
    return [{ value: '', name: t.templates.usual }, ...this.#models.map((name) => ({ value: name, name }))];
  }

  /** How speakers can be told apart; none where the server does not. */
  speakerChoices(t: Messages): Choice[] {
    const { apart, together, people, channels } = t.drop.speakerChoices;
    const can = (name: string) => this.#known.includes(name);
    const choices: Choice[] = [];
    if (can('diarize')) {
      choices.push({ value: 'diarize=true', name: apart }, { value: 'diarize=false', name: together });
    }
    if (can('diarize') && can('num_speakers')) {
      choices.push(...PEOPLE.map((n) => ({ value: `diarize=true&num_speakers=${n}`, name: people(n) })));
    }
    if (can('channels')) choices.push({ value: 'channels=split', name: channels });
    return choices.length > 0 ? [{ value: '', name: t.templates.usual }, ...choices] : [];
  }
}

export const uploadOptions = new UploadOptions();
