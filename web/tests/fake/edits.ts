import type { EditAction, Segment, TranscriptEdited } from '../../src/api/types';
import type { Recorded } from './data';

/** A transcript as it was at a revision. */
export interface Revision {
  number: number;
  segments: Segment[];
}

interface Body {
  revision: number;
  text?: string;
  speaker?: string;
  at?: number;
  from?: string;
  /** The segment is to be taken out. */
  gone?: boolean;
  to?: string;
}

/** Edits a transcript as the server does. Gives the event, or the code of the problem. */
export function edit(record: Recorded, path: string[], body: Body): TranscriptEdited | string {
  const [what = '', number = '', action = ''] = path;
  if (body.revision !== record.job.transcript_revision) return 'stale_revision';
  if (what === 'transcript') return step(record, number as 'undo' | 'redo');
  const segments = record.segments;
  const place = segments.findIndex(({ segment_number }) => segment_number === Number(number));
  const [one, next] = segments.slice(place, place + 2);
  if (what === 'speakers') {
    const renamed = (segment: Segment) => (segment.speaker === body.from ? { ...segment, speaker: body.to! } : segment);
    return put(record, 'rename_speaker', segments.map(renamed));
  }
  if (!one) return 'segment_not_found';
  if (body.gone) return put(record, 'delete', segments.toSpliced(place, 1));
  if (action === 'split') {
    const [head, tail] = [[...one.text].slice(0, body.at).join(''), [...one.text].slice(body.at).join('')];
    const middle = one.start + ((one.end - one.start) * head.length) / one.text.length;
    const unused = Math.max(...segments.map(({ segment_number }) => segment_number)) + 1;
    const second = { ...one, segment_number: unused, start: middle, text: tail.trim(), edited: true };
    const first = { ...one, end: middle, text: head.trim(), edited: true };
    return put(record, 'split', segments.toSpliced(place, 1, first, second));
  }
  if (action === 'merge') {
    if (!next) return 'invalid_request';
    const text = `${one.text} ${next.text}`;
    const both = { ...one, end: next.end, text, edited: true, merged: [next.segment_number] };
    return put(record, 'merge', segments.toSpliced(place, 2, both));
  }
  if (body.speaker !== undefined) {
    const { speaker: _, ...rest } = one;
    const spoken = body.speaker === '' ? rest : { ...rest, speaker: body.speaker };
    return put(record, 'speaker', segments.with(place, spoken));
  }
  return put(record, 'text', segments.with(place, { ...one, text: body.text!.trim(), edited: true }));
}

function put(record: Recorded, action: EditAction, segments: Segment[]): TranscriptEdited {
  const { past, job } = record;
  past.push({ number: job.transcript_revision, segments: record.segments });
  record.future = [];
  record.newest += 1;
  return turn(record, action, { number: record.newest, segments });
}

function step(record: Recorded, action: 'undo' | 'redo'): TranscriptEdited | string {
  const [from, to] = action === 'undo' ? [record.past, record.future] : [record.future, record.past];
  const wanted = from.pop();
  if (!wanted) return `nothing_to_${action}`;
  to.push({ number: record.job.transcript_revision, segments: record.segments });
  return turn(record, action, wanted);
}

function turn(record: Recorded, action: EditAction, { number, segments }: Revision): TranscriptEdited {
  const before = record.segments;
  const numbers = new Set(segments.map(({ segment_number }) => segment_number));
  record.segments = segments;
  record.job.transcript_revision = number;
  return {
    type: 'transcript_edited',
    action,
    transcript_revision: number,
    removed: before.map(({ segment_number }) => segment_number).filter((old) => !numbers.has(old)),
    segments: segments.filter((segment) => !before.includes(segment)),
    status: record.job.status,
  };
}
