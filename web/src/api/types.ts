/**
 * What the server sends, as it is on the wire: names for the types in `types.gen.ts`, which `npm run types` makes of the
 * program's own OpenAPI document. Times within a recording are seconds, moments are milliseconds since 1970.
 */
import type { components } from './types.gen';

type Schemas = components['schemas'];

export type JobStatus = Schemas['JobStatus'];
export type Stage = Schemas['Stage'];
export type Progress = Schemas['Progress'];
export type Failure = Schemas['Failure'];
export type Job = Schemas['Job'];
export type JobPage = Schemas['JobPage'];
/** A job with its text and the minutes that are shown. */
export type Result = Schemas['JobResult'];
export type Length = Schemas['Length'];
export type SummaryOptions = Schemas['SummaryOptions'];
/** A kind of minutes. */
export type Template = Schemas['TemplateEntry'];
export type TemplateList = Schemas['TemplateList'];
/** A piece of the transcript; its words come with the transcript, not with events. */
export type Segment = Schemas['Segment'];
export type Word = Schemas['Word'];
export type Waveform = Schemas['Waveform'];
export type EditAction = Schemas['EditAction'];
export type TagCount = Schemas['TagCount'];
export type Point = Schemas['Point'];
export type ActionItem = Schemas['ActionItem'];
export type Chapter = Schemas['Chapter'];
export type Coverage = Schemas['Coverage'];
export type Minutes = Schemas['Minutes'];
export type ChatMessage = Schemas['ChatMessage'];
/** What comes while a question is answered. */
export type ChatEvent = Schemas['Answering'];
/** What comes while a job is followed. */
export type JobEvent = Schemas['Event'];
/** An edit of the transcript: without `removed` and with `segments`, in the order of time, it is as it stands. */
export type TranscriptEdited = Extract<JobEvent, { type: 'transcript_edited' }>;
/** What an edit comes to; without an event, there was nothing to change. */
export type Edited = Omit<Schemas['Edited'], 'event'> & { event: TranscriptEdited | null };

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

const FINAL: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** Whether nothing more happens to the job unless a person asks for it. */
export const isFinal = (status: JobStatus): boolean => FINAL.includes(status);

/** Whether the job is no more. */
export const isDeletion = (event: JobEvent): boolean => event.type === 'error' && event.code === 'deleted';

/** Whether a watcher has nothing more to wait for after this event. */
export const endsStream = (event: JobEvent): boolean =>
  (event.type === 'final_summary' || event.type === 'error') && isFinal(event.status);
