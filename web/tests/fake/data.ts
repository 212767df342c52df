import type { ChatEvent, ChatMessage, Job, JobEvent, JobStatus, Minutes, Segment } from '../../src/api/types';
import type { Revision } from './edits';

/** One recording as the stand-in server keeps it. */
export interface Recorded {
  job: Job;
  segments: Segment[];
  versions: Minutes[];
  events: JobEvent[];
  audio: Buffer;
  chat: ChatMessage[];
  peaks: number[] | undefined;
  /** The segments as they were recognised. */
  original: Segment[];
  /** Revisions to undo and to redo to, the nearest last. */
  past: Revision[];
  future: Revision[];
  /** The highest revision that there was. */
  newest: number;
}

/** The events of an answer. */
export function makeAnswer(change: Partial<ChatMessage> = {}): ChatEvent[] {
  const message: ChatMessage = {
    number: 2,
    role: 'assistant',
    text: 'Maria reviews the budget by Friday [9]. The export ships in March [7][8].',
    segments: [7, 8, 9],
    basis: { provider: 'ollama', model: 'qwen3:14b', share: 1, dropped: 0 },
    created_at: Date.now(),
    ...change,
  };
  const words = message.text.split(/(?<= )/).map((text): ChatEvent => ({ type: 'chat_delta', text }));
  return [...words, { type: 'chat_message', message }];
}

let made = 0;

/** An id that sorts by the time it was made at, as the server's do. */
function idAt(ms: number): string {
  made += 1;
  const time = Math.round(ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${String(made % 1000).padStart(3, '0')}-8000-${String(made).padStart(12, '0')}`;
}

export function makeJob(title: string, status: JobStatus, change: Partial<Job> = {}): Job {
  const created = change.created_at ?? Date.now();
  const done = status === 'COMPLETED';
  return {
    job_id: idAt(created),
    job_type: 'BATCH',
    status,
    title,
    file_name: `${title}.m4a`,
    size_bytes: 18_400_000,
    sha256: '0'.repeat(64),
    options: {},
    metadata: {},
    room_id: null,
    member_id: null,
    duration_seconds: done ? 2647 : null,
    language: done ? 'en' : null,
    language_probability: done ? 0.99 : null,
    speech_model: done ? 'large-v3-turbo' : null,
    segment_count: 0,
    progress: { stage: done ? 'done' : 'queued', progress: done ? 1 : 0, eta_seconds: null, queue_position: null },
    failure: null,
    current_summary: null,
    last_event: 1,
    attempts: 1,
    created_at: created,
    updated_at: created,
    finished_at: done ? created : null,
    has_peaks: false,
    tags: [],
    transcript_revision: 0,
    ...change,
  };
}

const SENTENCES = [
  'Good morning, everyone. Let us begin with where the prototype stands.',
  'The survey came back on Monday, and forty customers have answered so far.',
  'Most of them want the export to work without a network connection.',
  'That is a larger change than it sounds, because the queue assumes the server is there.',
  'We could keep the recording on the device until the connection is back.',
  'Yes, and then nothing is lost when somebody closes the window halfway through.',
  'I would rather ship the smaller version in March and the rest in April.',
  'Then we agree: March for the export, April for everything that works offline.',
  'Maria, can you review the budget for the second quarter by Friday?',
  'I can, but I need the numbers from the support team before that.',
  'They will be with you on Wednesday.',
  'One more thing: who presents the new feature to the board?',
  'We have not decided that yet. Let us come back to it next week, when Jonas is here and has seen the numbers himself.',
];

const KOREAN = [
  '안녕하세요, 그럼 시제품이 어디까지 왔는지부터 이야기해 볼까요?',
  '설문 조사가 월요일에 끝났고, 지금까지 마흔 명이 답했습니다.',
  '대부분 네트워크 연결 없이도 내보내기가 되기를 바라고 있어요.',
  '생각보다 큰 변경입니다. 지금은 대기열이 항상 서버가 있다고 가정하거든요.',
  '연결이 돌아올 때까지 녹음을 기기에 보관하면 어떨까요?',
  '그러면 중간에 창을 닫아도 잃어버리는 것이 없겠네요.',
  '그럼 내보내기는 3월, 오프라인 기능은 4월로 정하겠습니다.',
  '민지 님, 금요일까지 2분기 예산을 검토해 주실 수 있나요?',
  '네, 다만 그 전에 지원팀 수치가 필요합니다.',
  '수요일에 보내 드리겠습니다.',
  '이사회에는 누가 새 기능을 발표하나요?',
  '아직 정하지 못했습니다. 다음 주에 다시 이야기하죠.',
];

export function makeSegments(count: number, language = 'en', every = 5): Segment[] {
  const sentences = language === 'ko' ? KOREAN : SENTENCES;
  return Array.from({ length: count }, (_, at) => ({
    segment_number: at + 1,
    start: at * every + 0.5,
    end: at * every + every - 0.2,
    text: sentences[at % sentences.length] ?? '',
  }));
}

/** The segment with its words, each as long as it has letters. */
export function withWords(segment: Segment): Segment {
  const { text, start, end } = segment;
  const letter = (end - start) / text.length;
  const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    start: start + index * letter,
    end: start + (index + word.length) * letter,
    word,
    probability: 0.9,
  }));
  return { ...segment, words };
}

export function makeMinutes(change: Partial<Minutes> = {}): Minutes {
  return {
    title: 'Export in March, offline work in April',
    summary:
      'The team looked at the answers to the survey and split the work in two: the export ships in March, everything that works without a connection follows in April. Maria reviews the budget as soon as the support team has sent its numbers. Who presents the feature to the board was left open.',
    language: 'en',
    key_points: [
      { text: 'Forty customers have answered the survey; most want an export that works offline.', segments: [2, 3] },
      { text: 'Working offline is the larger change, because the queue assumes a server.', segments: [4, 5, 6, 17] },
    ],
    decisions: [{ text: 'The export ships in March, offline work in April.', segments: [7, 8] }],
    action_items: [
      { task: 'Review the budget for the second quarter', owner: 'Maria', due: 'Friday', segments: [9] },
      { task: 'Send the numbers to Maria', owner: 'Support team', due: 'Wednesday', segments: [10, 11] },
      { task: 'Write down what “offline” means for the queue', owner: null, due: null, segments: [4] },
    ],
    open_questions: [{ text: 'Who presents the new feature to the board?', segments: [12, 13] }],
    chapters: [
      { title: 'What the survey says', start: 0.5, end: 30, segments: [1, 2, 3] },
      { title: 'March or April', start: 30.5, end: 40, segments: [7, 8] },
      { title: 'Budget and board', start: 40.5, end: 65, segments: [9, 10, 11, 12, 13] },
    ],
    coverage: {
      share: 1,
      parts: 7,
      tokens_in: 41_200,
      tokens_out: 1_830,
      retries: 0,
      seconds: 48,
      dropped: [{ text: 'The board has approved the budget.', reason: 'No segment says so.' }],
    },
    provider: 'ollama',
    model: 'qwen3:14b',
    template: 'general',
    length: 'standard',
    version: 1,
    created_at: Date.now(),
    transcript_revision: 0,
    edited_since: false,
    ...change,
  };
}

export function makeKoreanMinutes(): Minutes {
  return makeMinutes({
    title: '내보내기는 3월, 오프라인 기능은 4월',
    summary:
      '설문 결과를 살펴보고 일을 둘로 나누었다. 내보내기는 3월에 내고, 연결 없이 쓰는 기능은 4월에 이어서 낸다. 민지 님은 지원팀 수치를 받는 대로 예산을 검토한다. 이사회 발표자는 정하지 못했다.',
    language: 'ko',
    key_points: [
      { text: '마흔 명이 설문에 답했고, 대부분 오프라인 내보내기를 바란다.', segments: [2, 3] },
      { text: '대기열이 서버를 전제로 하고 있어 생각보다 큰 변경이다.', segments: [4, 5, 6] },
    ],
    decisions: [{ text: '내보내기는 3월, 오프라인 기능은 4월에 낸다.', segments: [7] }],
    action_items: [
      { task: '2분기 예산 검토', owner: '민지', due: '금요일', segments: [8] },
      { task: '지원팀 수치 보내기', owner: '지원팀', due: '수요일', segments: [9, 10] },
    ],
    open_questions: [{ text: '이사회에는 누가 발표하나?', segments: [11, 12] }],
    chapters: [
      { title: '설문 결과', start: 0.5, end: 30, segments: [1, 2, 3] },
      { title: '일정', start: 30.5, end: 40, segments: [7] },
    ],
  });
}

/** A quiet tone as a WAV file. */
export function makeTone(seconds: number): Buffer {
  const rate = 8000;
  const samples = Math.round(seconds * rate);
  const wav = Buffer.alloc(44 + samples);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples, 40);
  for (let at = 0; at < samples; at += 1)
    wav[44 + at] = 128 + Math.round(20 * Math.sin((at * 2 * Math.PI * 220) / rate));
  return wav;
}

/** What a server tells of itself, by `METHOD path`. */
export function makeAdmin(): Record<string, object> {
  const now = Date.now();
  const model = (name: string, more = {}) => ({
    kind: 'speech',
    name,
    bytes: 147_951_465,
    sha256: '60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe',
    installed: false,
    bundled: false,
    in_use: false,
    own: false,
    fetching: null,
    problem: null,
    ...more,
  });
  const about = { host: 'lab-2', process: 71, version: '0.1.0', device: 'cpu', model: 'base', concurrency: 1 };
  const job = {
    job_id: 'j1',
    title: 'Board <b>meeting</b>',
    stage: 'transcribing',
    progress: 0.4,
    since: now - 95_000,
    lease_seconds: 6,
  };
  const template = (name: string, title = name) => ({
    name,
    title,
    description: `What a ${name} meeting comes to.`,
  });
  return {
    'GET /api/v1/templates': {
      templates: [
        template('general'),
        template('lecture'),
        template('medical'),
        template('board', 'Board of directors'),
      ],
      default: 'general',
    },
    'GET /api/v1/openapi.json': {
      components: {
        schemas: {
          JobOptions: {
            allOf: [{ $ref: '#/components/schemas/SpeakerOptions' }, { properties: { language: {}, channels: {} } }],
          },
          SpeakerOptions: { properties: { diarize: {}, num_speakers: {} } },
        },
      },
    },
    'GET /api/v1/workers': {
      workers: [
        { id: 'worker-1', about, started_at: now - 4e6, silent_seconds: 3, jobs: [job] },
        { id: 'worker-2', about: { ...about, host: 'lab-3' }, started_at: now - 9e6, silent_seconds: 80, jobs: [] },
      ],
      statuses: { PENDING: 3, PROCESSING: 1, COMPLETED: 1204 },
      oldest_waiting_at: now - 61_000,
    },
    'GET /api/v1/storage': {
      recordings: 1208,
      recording_bytes: 48e9,
      uploads: 1,
      upload_bytes: 3e6,
      free_bytes: 120e9,
      min_free_bytes: 5e8,
    },
    'GET /api/v1/models': {
      here: true,
      models: [model('base', { installed: true, in_use: true }), model('tiny', { installed: true }), model('small')],
    },
    'GET /api/v1/llm': {
      providers: [
        { name: 'extractive', chosen: true, address: null, model: '', has_key: false },
        { name: 'ollama', chosen: false, address: 'http://localhost:11434/', model: '', has_key: false },
        { name: 'openai', chosen: false, address: 'https://api.openai.com/v1', model: 'm', has_key: true },
      ],
    },
    'POST /api/v1/llm/extractive/check': { ok: true, detail: 'minutes are put together', seconds: 0 },
    'POST /api/v1/llm/ollama/check': { ok: false, detail: 'Ollama does not answer; start it', seconds: 1 },
    'GET /readyz': {
      ready: false,
      checks: [
        { name: 'database', ok: true, detail: null },
        { name: 'model', ok: false, detail: 'the model is not there; fetch it' },
      ],
    },
  };
}
/** The waveform of two speakers who take turns: quiet, loud, quiet. */
export const makePeaks = (count = 2048): number[] =>
  Array.from({ length: count }, (_, at) => Math.round(30 + 200 * Math.abs(Math.sin(at / 9) * Math.sin(at / 41))));
