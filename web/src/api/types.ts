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
  options: { language?: string; model?: string };
  duration_seconds: number | null;
  language: string | null;
  speech_model: string | null;
  segment_count: number;
  progress: Progress;
  failure: Failure | null;
  last_event: number;
  attempts: number;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
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
  version: number;
  created_at: number;
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

/** A job with its text and its newest minutes. */
export interface Result extends Job {
  segments: Segment[];
  structured_summary: Minutes | null;
}

export type JobEvent =
  | { type: 'status'; status: JobStatus }
  | ({ type: 'progress' } & Progress)
  | ({ type: 'transcript_segment'; status: JobStatus } & Segment)
  | { type: 'final_summary'; summary: Minutes; segment_count: number; status: JobStatus }
  | { type: 'error'; code: string; message: string; status: JobStatus };

const FINAL: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** Whether nothing more happens to the job unless a person asks for it. */
export const isFinal = (status: JobStatus): boolean => FINAL.includes(status);

/** Whether a watcher has nothing more to wait for after this event. */
export const endsStream = (event: JobEvent): boolean =>
  event.type === 'final_summary' || (event.type === 'error' && isFinal(event.status));
