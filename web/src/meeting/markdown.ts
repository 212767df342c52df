import type { Job, Minutes, Segment } from '../api/types';
import { clock, dateAndTime } from '../format/time';
import type { Messages } from '../i18n/messages';
import { momentsOf } from './timeline';

/** The minutes as Markdown, each statement with the times it rests on. */
export function minutesAsMarkdown(
  job: Pick<Job, 'title' | 'created_at' | 'duration_seconds'>,
  minutes: Minutes,
  segments: readonly Segment[],
  t: Messages,
  locale: string,
): string {
  const times = (numbers: number[]) => {
    const all = momentsOf(numbers, segments).map((moment) => clock(moment.start));
    return all.length > 0 ? ` (${all.join(', ')})` : '';
  };
  const list = (points: { text: string; segments: number[] }[], bullet = '-') =>
    points.map((point) => `${bullet} ${line(point.text)}${times(point.segments)}`);
  const actions = minutes.action_items.map(({ task, owner, due, segments: numbers }) => ({
    text: [task, owner && `**${line(owner)}**`, due && t.minutes.due(due)].filter(Boolean).join(' · '),
    segments: numbers,
  }));
  const chapters = minutes.chapters.map(({ title, start }) => `- ${clock(start)} ${line(title)}`);
  const facts = [dateAndTime(job.created_at, locale)];
  if (job.duration_seconds !== null) facts.push(clock(job.duration_seconds));
  return (
    [
      [`# ${line(job.title)}`, '', facts.join(' · ')],
      section(t.minutes.summary, [minutes.summary.trim()].filter(Boolean)),
      section(t.minutes.keyPoints, list(minutes.key_points)),
      section(t.minutes.decisions, list(minutes.decisions)),
      section(t.minutes.actions, list(actions, '- [ ]')),
      section(t.minutes.open, list(minutes.open_questions)),
      section(t.minutes.chapters, chapters),
    ]
      .filter((part) => part.length > 0)
      .map((part) => part.join('\n'))
      .join('\n\n') + '\n'
  );
}

const line = (text: string): string => text.replace(/\s+/g, ' ').trim();

const section = (title: string, lines: string[]): string[] => (lines.length === 0 ? [] : [`## ${title}`, '', ...lines]);
