/** Lines for a shell that use the server at `base`, an address that ends in a slash. */
export function lines(base: string): { what: 'upload' | 'follow' | 'text' | 'result' | 'list' | 'ready'; line: string }[] {
  const at = (path: string) => `"${base}${path}"`;
  return [
    { what: 'upload', line: `curl -F title=Weekly -F file=@meeting.m4a ${at('api/v1/jobs')}` },
    { what: 'list', line: `curl ${at('api/v1/jobs?limit=20')}` },
    { what: 'follow', line: `curl -N ${at('api/v1/jobs/$JOB/events')}` },
    { what: 'text', line: `curl ${at('api/v1/jobs/$JOB/transcript?format=srt')}` },
    { what: 'result', line: `curl ${at('api/v1/jobs/$JOB')}` },
    { what: 'ready', line: `curl ${at('readyz')}` },
  ];
}
