import { Problem } from '../api/client';
import { i18n } from '../i18n/index.svelte';
import { toasts } from './toasts.svelte';

/** A sentence for people about what went wrong. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return String(error);
  if (error.code === 'unreachable') return i18n.t.problems.unreachable;
  return i18n.t.problems.known[error.code] ?? error.message;
}

export const complain = (error: unknown): unknown => toasts.show({ text: explain(error), tone: 'danger' }, 8_000);
