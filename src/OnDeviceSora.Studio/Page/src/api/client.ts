import type { Capabilities, Comparison, Plan, Report, Session, Video, VideoPage, VideoRequest } from './types';

/** An answer that is not a success, in the server's own plain words. */
export class ApiError extends Error {
  constructor(message: string, readonly status: number, readonly param: string | null) {
    super(message);
  }
}

let whenUnauthorised = () => {};
export function onUnauthorised(action: () => void) {
  whenUnauthorised = action;
}

async function answer(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const request: RequestInit = { method, signal: signal ?? null };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { 'Content-Type': 'application/json' };
  }
  const response = await fetch(path, request).catch((reason: unknown) => {
    if (signal?.aborted) throw reason;
    throw new ApiError('The server does not answer. Is “sora serve” still running?', 0, null);
  });
  if (!response.ok) throw await failure(response);
  return response;
}

async function failure(response: Response): Promise<ApiError> {
  if (response.status === 401) whenUnauthorised();
  const envelope = await response.json().catch(() => null);
  const error = envelope?.error ?? {};
  return new ApiError(sentence(error.message ?? `the server answered ${response.status}.`), response.status, error.param ?? null);
}

const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1);

const json = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
  (await answer(method, path, body, signal)).json();

export const videoUrl = (id: string, part = '') => `/v1/videos/${encodeURIComponent(id)}${part}`;
export const contentUrl = (id: string, variant: 'video' | 'thumbnail' = 'video') => videoUrl(id, `/content?variant=${variant}`);

export const getCapabilities = () => json<Capabilities>('GET', '/v1/capabilities');
export const getVideo = (id: string) => json<Video>('GET', videoUrl(id));
export const getReport = (id: string) => json<Report>('GET', videoUrl(id, '/report'));
export const getPreview = async (id: string, still: boolean) => (await answer('GET', videoUrl(id, `/preview?still=${still}`))).blob();

export const listVideos = (after: string | null, limit = 100) =>
  json<VideoPage>('GET', `/v1/videos?limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ''}`);

export const planVideo = (request: VideoRequest, signal: AbortSignal) => json<Plan>('POST', '/v1/videos/plan', request, signal);
export const createVideo = (request: VideoRequest) => json<Video>('POST', '/v1/videos', request);
export const remixVideo = (id: string, prompt: string) => json<Video>('POST', videoUrl(id, '/remix'), { prompt });
export const cancelVideo = (id: string) => json<Video>('POST', videoUrl(id, '/cancel'));
export const resumeVideo = (id: string) => json<Video>('POST', videoUrl(id, '/resume'));
export const moveVideo = (id: string, position: number) => json<Video>('POST', videoUrl(id, '/move'), { position });
export const deleteVideo = (id: string) => answer('DELETE', videoUrl(id));

export const compareVideos = (left: string, right: string) =>
  json<Comparison>('GET', `/v1/videos/compare?left=${encodeURIComponent(left)}&right=${encodeURIComponent(right)}`);

export const getSession = () => json<Session>('GET', '/studio/session');
export const signIn = (key: string) => answer('POST', '/studio/session', { api_key: key });
export const signOut = () => answer('DELETE', '/studio/session');
