/** `0:07`, `12:30`, `1:02:03`: a place in a recording, for the eye. */
export function clock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** `1 hr 5 min`, `12 min`, `40 sec`: a length, in the words of the language. */
export function span(seconds: number, locale: string, style: 'short' | 'long' = 'short'): string {
  const whole = Math.max(0, Math.round(seconds));
  const unit = (value: number, name: 'hour' | 'minute' | 'second') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: style }).format(value);
  if (whole < 60) return unit(whole, 'second');
  const minutes = Math.round(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return unit(minutes, 'minute');
  return minutes % 60 === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`;
}

/** Rounds a remaining time so that it does not flicker: to 5 seconds below a minute, to minutes above. */
export function steady(seconds: number): number {
  if (seconds < 60) return Math.max(5, Math.ceil(seconds / 5) * 5);
  return Math.ceil(seconds / 60) * 60;
}

/** Reads `12.3`, `1:02` and `1:02:03` as seconds; nothing else. */
export function parseMoment(text: string | null | undefined): number | undefined {
  if (!text || !/^\d+(:\d{1,2}){0,2}(\.\d+)?$/.test(text)) return undefined;
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** The day a moment lies in, in the reader's own time zone, as a key that sorts. */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
}

/** `9:41 AM` */
export const timeOfDay = (ms: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(ms);

/** `Tuesday, March 4, 2025 at 9:41 AM` */
export const dateAndTime = (ms: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);

/** What a group of recordings is headed with: today, yesterday, or the date (with the year if it is another one). */
export function dayTitle(ms: number, now: number, locale: string): string {
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  const near = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (dayOf(ms) === dayOf(now)) return capital(near.format(0, 'day'), locale);
  if (dayOf(ms) === dayOf(yesterday.getTime())) return capital(near.format(-1, 'day'), locale);
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  const form: Intl.DateTimeFormatOptions = { weekday: 'long', month: 'long', day: 'numeric' };
  if (!sameYear) form.year = 'numeric';
  return new Intl.DateTimeFormat(locale, form).format(ms);
}

const capital = (word: string, locale: string): string => word.slice(0, 1).toLocaleUpperCase(locale) + word.slice(1);
