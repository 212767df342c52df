import { call } from './client';
import type { components } from './types.gen';

type Schemas = components['schemas'];

export type WorkerState = Schemas['WorkerState'];
export type Workers = Schemas['Workers'];
export type Storage = Schemas['Storage'];
export type Model = Schemas['ModelState'];
export type Models = Schemas['Models'];
export type Provider = Schemas['Provider'];
export type Providers = Schemas['Providers'];
export type Checked = Schemas['Checked'];
export type Readiness = Schemas['Readiness'];

export const getWorkers = (): Promise<Workers> => call('api/v1/workers');
export const getStorage = (): Promise<Storage> => call('api/v1/storage');
export const getModels = (): Promise<Models> => call('api/v1/models');
export const fetchModel = (name: string): Promise<void> => call(model(name), { method: 'POST' });
export const removeModel = (name: string): Promise<Schemas['Removed']> => call(model(name), { method: 'DELETE' });
export const getProviders = (): Promise<Providers> => call('api/v1/llm');
export const checkProvider = (name: string): Promise<Checked> =>
  call(`api/v1/llm/${encodeURIComponent(name)}/check`, { method: 'POST' });

/** Health; a server that is not ready says why with another status. */
export const getReadiness = (): Promise<Readiness> => call('readyz', {}, [503]);

const model = (name: string): string => `api/v1/models/${encodeURIComponent(name)}`;
