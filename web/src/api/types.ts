/**
 * What the server sends, as it is on the wire. Times within a recording are seconds, moments are milliseconds since
 * 1970.
 */

export type JobStatus = 'PENDING' | 'PROCESSING' | 'TRANSCRIBED' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
export type Stage = 'queued' | 'loading' | 'transcribing' | 'summarising' | 'done';

export interface Progress {
  stage: Stage;
  /** Share of the stage, 0 to 1. */
  progress: number;
  eta_seconds: number | null;
  queue_position: number | null;
}

export interface Failure {
  code: string;
  message: string;
}

export interface Job {
  job_id: string;
  job_type: 'BATCH' | 'REALTIME';
  status: JobStatus;
  title: string;
  file_name: string;
  size_bytes: number;
  options: { language?: string; model?: string; summary?: SummaryOptions };
  duration_seconds: number | null;
  language: string | null;
  speech_model: string | null;
  segment_count: number;
  progress: Progress;
  failure: Failure | null;
  /** The version of the minutes that is shown. */
  current_summary: number | null;
  last_event: number;
  attempts: number;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
  has_peaks: boolean;
  tags: string[];
  /** Names the transcript as it stands: 0 as recognised, otherwise the newest of its edits. */
  transcript_revision: number;
}

export type Length = 'short' | 'standard' | 'long';

/** How minutes are wanted; what is left out is as the server is set. */
export interface SummaryOptions {
  template?: string;
  /** ISO 639-1 code; `auto`: the recording's. */
  language?: string;
  length?: Length;
}

/** A kind of minutes. */
export interface Template {
  name: string;
  title: string;
  description: string;
}

export interface TemplateList {
  templates: Template[];
  /** Name of the one that is taken where nobody asks for any. */
  default: string;
}

export interface JobPage {
  jobs: Job[];
  next_cursor: string | null;
}

export interface Segment {
  segment_number: number;
  start: number;
  end: number;
  text: string;
  speaker?: string;
  /** A person has changed its text or its bounds. */
  edited?: boolean;
  /** Numbers of segments that were merged into this one. */
  merged?: number[];
  /** Its words one by one; they come with the transcript, not with events. */
  words?: Word[];
}

/** A word as it was recognised; times in seconds. */
export interface Word {
  start: number;
  end: number;
  /** As it stands in the text. */
  word: string;
  /** How sure the speech model is of it, from 0 to 1. */
  probability: number;
}

/** How loud a recording is, from its beginning to its end; peaks from 0 to 255. */
export interface Waveform {
  seconds_per_peak: number;
  peaks: number[];
}

export type EditAction =
  | 'text'
  | 'split'
  | 'merge'
  | 'delete'
  | 'speaker'
  | 'rename_speaker'
  | 'undo'
  | 'redo'
  | 'speakers';

/** An edit of the transcript: without `removed` and with `segments`, in the order of time, it is as it stands. */
export interface TranscriptEdited {
  type: 'transcript_edited';
  action: EditAction;
  transcript_revision: number;
  removed: number[];
  segments: Segment[];
  status: JobStatus;
}

/** What an edit comes to; without an event, there was nothing to change. */
export interface Edited {
  transcript_revision: number;
  event: TranscriptEdited | null;
}

export interface TagCount {
  tag: string;
  jobs: number;
}

export interface Point {
  text: string;
  segments: number[];
}

export interface ActionItem {
  task: string;
  owner: string | null;
  due: string | null;
  segments: number[];
}

export interface Chapter {
  title: string;
  start: number;
  end: number;
  segments: number[];
}

export interface Coverage {
  /** Share of the speech that the writer of the minutes saw, 0 to 1. */
  share: number;
  parts: number;
  tokens_in: number;
  tokens_out: number;
  retries: number;
  seconds: number;
  dropped: { text: string; reason: string }[];
  /** What was asked for and not fulfilled. */
  unmet?: ('language' | 'template')[];
}

export interface Minutes {
  title: string;
  summary: string;
  language: string;
  key_points: Point[];
  decisions: Point[];
  action_items: ActionItem[];
  open_questions: Point[];
  chapters: Chapter[];
  coverage: Coverage;
  provider: string;
  model: string;
  template: string;
  length: Length;
  version: number;
  created_at: number;
  transcript_revision: number;
  edited_since: boolean;
}

/** A question about a recording, or its answer. */
export interface ChatMessage {
  number: number;
  role: 'user' | 'assistant';
  /** Where an answer rests on a segment, its number stands in brackets: `[12]`. */
  text: string;
  /** Segments that stand in the text and bear it out. */
  segments: number[];
  /** How an answer came about. */
  basis?: {
    provider: string;
    model: string;
    /** Share of the speech that was looked at, 0 to 1. */
    share: number;
    /** Citations that were taken out, because what they name does not say so. */
    dropped: number;
  };
  created_at: number;
}

/** What comes while a question is answered. */
export type ChatEvent =
  | { type: 'chat_delta'; text: string }
  | { type: 'chat_restart' }
  | { type: 'chat_message'; message: ChatMessage }
  | { type: 'error'; code: string; message: string };

/** An entry of a list that only the minutes of one template have. */
export interface OwnEntry extends Point {
  owner?: string | null;
  due?: string | null;
}

/** A field that only the minutes of one template have. */
export interface OwnField {
  name: string;
  text: string;
  entries: OwnEntry[];
}

const STANDARD = (
  'title summary language key_points decisions action_items open_questions chapters coverage provider model template ' +
  'length version created_at'
).split(' ');

/** The fields that only the minutes of one template have, without those that are empty. */
export function ownFields(minutes: Minutes): OwnField[] {
  const own = Object.entries(minutes as unknown as Record<string, unknown>).filter(([name]) => !STANDARD.includes(name));
  const isEntry = (entry: Partial<OwnEntry> | null): entry is OwnEntry =>
    typeof entry?.text === 'string' && Array.isArray(entry.segments);
  return own
    .map(([name, value]) => ({
      name,
      text: typeof value === 'string' ? value : '',
      entries: Array.isArray(value) ? value.filter(isEntry) : [],
    }))
    .filter(({ text, entries }) => text !== '' || entries.length > 0);
}

/** A job with its text and the minutes that are shown. */
export interface Result extends Job {
  segments: Segment[];
  structured_summary: Minutes | null;
}

export type JobEvent =
  | { type: 'status'; status: JobStatus }
  | ({ type: 'progress' } & Progress)
  | { type: 'summary_delta'; part: number; at: number; text: string }
  | ({ type: 'transcript_segment'; status: JobStatus } & Segment)
  | TranscriptEdited
  | { type: 'final_summary'; summary: Minutes; segment_count: number; status: JobStatus }
  | { type: 'summary_chosen'; version: number; status: JobStatus }
  | { type: 'error'; code: string; message: string; status: JobStatus };

const FINAL: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** Whether nothing more happens to the job unless a person asks for it. */
export const isFinal = (status: JobStatus): boolean => FINAL.includes(status);

/** Whether the job is no more. */
export const isDeletion = (event: JobEvent): boolean => event.type === 'error' && event.code === 'deleted';

/** Whether a watcher has nothing more to wait for after this event. */
export const endsStream = (event: JobEvent): boolean =>
  (event.type === 'final_summary' || event.type === 'error') && isFinal(event.status);
