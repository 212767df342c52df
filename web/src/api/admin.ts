import type { JobStatus, Stage } from './types';
import { call } from './client';

export interface WorkerState {
  id: string;
  about: {
    host: string;
    process: number;
    version: string;
    device: string;
    model: string;
    concurrency: number;
  } | null;
  started_at: number | null;
  silent_seconds: number | null;
  jobs: {
    job_id: string;
    title: string;
    stage: Stage;
    progress: number;
    since: number;
    lease_seconds: number;
  }[];
}

export interface Workers {
  workers: WorkerState[];
  statuses: Partial<Record<JobStatus, number>>;
  oldest_waiting_at: number | null;
}

export interface Storage {
  recordings: number;
  recording_bytes: number;
  uploads: number;
  upload_bytes: number;
  free_bytes: number | null;
  min_free_bytes: number;
}

export interface Model {
  name: string;
  /** What it does: recognise what is said, or tell voices apart. */
  kind: 'speech' | 'speakers';
  bytes: number | null;
  sha256: string | null;
  installed: boolean;
  in_use: boolean;
  own: boolean;
  fetching: { done: number; of: number } | null;
  problem: string | null;
}

export interface Models {
  /** Whether they lie with the server that answers. */
  here: boolean;
  models: Model[];
}

export interface Provider {
  name: string;
  chosen: boolean;
  address: string | null;
  model: string;
  has_key: boolean;
}

export interface Checked {
  ok: boolean;
  detail: string;
  seconds: number;
}

export interface Readiness {
  ready: boolean;
  checks: { name: string; ok: boolean; detail: string | null }[];
}

export const getWorkers = (): Promise<Workers> => call('api/v1/workers');
export const getStorage = (): Promise<Storage> => call('api/v1/storage');
export const getModels = (): Promise<Models> => call('api/v1/models');
export const fetchModel = (name: string): Promise<void> => call(model(name), { method: 'POST' });
export const removeModel = (name: string): Promise<{ freed: number }> => call(model(name), { method: 'DELETE' });
export const getProviders = (): Promise<{ providers: Provider[] }> => call('api/v1/llm');
export const checkProvider = (name: string): Promise<Checked> =>
  call(`api/v1/llm/${encodeURIComponent(name)}/check`, { method: 'POST' });

/** Health; a server that is not ready says why with another status. */
export const getReadiness = (): Promise<Readiness> => call('readyz', {}, [503]);

const model = (name: string): string => `api/v1/models/${encodeURIComponent(name)}`;
