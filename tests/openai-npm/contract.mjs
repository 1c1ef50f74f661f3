// What programs do with the official npm clients, against a server of the studio: one line of JSON a check, and exit code 1 when one failed.
//
//   SORA_BASE_URL=http://127.0.0.1:8439/v1 SORA_API_KEY=... node contract.mjs
//
// The server must have no videos but these, need the key, and let at most QUEUE_LIMIT videos wait.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const QUEUE_LIMIT = 4;
const baseURL = process.env.SORA_BASE_URL;
const apiKey = process.env.SORA_API_KEY;
assert(baseURL && apiKey, 'SORA_BASE_URL and SORA_API_KEY name the server');

const small = { prompt: 'a red circle', width: 16, height: 16, num_frames: 2, num_inference_steps: 2 };
const long = { prompt: 'a red circle', num_inference_steps: 1000, leap: 'off' };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sora-npm-test-'));
const picture = path.join(folder, 'first-frame.png');
fs.writeFileSync(picture, Buffer.alloc(5 << 20, 7));
let failures = 0;

for (const name of ['openai', 'openai-7']) await journey(name);
fs.rmSync(folder, { recursive: true });
process.exit(failures === 0 ? 0 : 1);

async function journey(name) {
  const { default: OpenAI } = await import(name);
  let calls = 0;
  const counting = (url, init) => { calls++; return fetch(url, init); };
  const client = new OpenAI({ baseURL, apiKey, fetch: counting });
  const { videos } = client;

  await check('models', async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model);
    assert.equal(models.length, 1);
    assert.equal((await client.models.retrieve('sora-2')).id, models[0].id);
  });

  await check('create with what the hosted service took', async () => {
    const video = await videos.create({ prompt: 'a red circle moving left', model: 'sora-2' });
    assert.match(video.id, /^video_[0-9a-z]+$/);
    assert.equal(video.object, 'video');
    assert(['queued', 'in_progress'].includes(video.status));
    assert.equal(typeof video.seconds, 'string');
    assert(Number.isInteger(video.progress) && Number.isInteger(video.created_at));
    assert.deepEqual([video.error, video.completed_at, video.remixed_from_video_id], [null, null, null]);
    await videos.delete(video.id);
  });

  const done = await check('create, poll until it is completed', () => finished(small));

  await check('download', async () => {
    const response = await videos.downloadContent(done.id);
    assert.equal(response.headers.get('content-type'), done.content_type);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.length, Number(response.headers.get('content-length')));
    if (done.content_type === 'video/mp4') assert.equal(bytes.toString('latin1', 4, 8), 'ftyp');
    for (const variant of ['thumbnail', 'spritesheet']) {
      const image = Buffer.from(await (await videos.downloadContent(done.id, { variant })).arrayBuffer());
      assert.equal(image.toString('latin1', 1, 4), 'PNG');
    }
  });

  await check('remix', async () => {
    const remix = await videos.remix(done.id, { prompt: 'a blue star' });
    assert.deepEqual([remix.remixed_from_video_id, remix.prompt, remix.seed, remix.size], [done.id, 'a blue star', done.seed, '16x16']);
    assert.equal((await poll(remix.id)).status, 'completed');
  });

  await check('list, over all pages, in both orders', async () => {
    const known = new Set((await videos.list({ limit: 100 })).data.map((video) => video.id));
    const created = [];
    for (let i = 0; i < 3; i++) created.push((await finished(small)).id);
    for (const [order, expected] of [['asc', created], ['desc', created.toReversed()]]) {
      const ids = [];
      calls = 0;
      for await (const video of videos.list({ limit: 2, order })) ids.push(video.id);
      assert.deepEqual(ids.filter((id) => !known.has(id)), expected);
      assert.equal(ids.length, new Set(ids).size);
      assert(calls >= Math.ceil(ids.length / 2), `${calls} calls for ${ids.length} videos`);
    }
    const after = await videos.list({ after: created[0], order: 'asc' });
    assert.deepEqual(after.data.map((video) => video.id), created.slice(1));
    assert.deepEqual((await videos.list({ limit: 0 })).data, []);
  });

  await check('delete', async () => {
    const { id } = await videos.create(small);
    assert.deepEqual(await videos.delete(id), { id, object: 'video.deleted', deleted: true });
    await refused(OpenAI.NotFoundError, 404, 'not_found', 'id', () => videos.retrieve(id));
    await refused(OpenAI.NotFoundError, 404, 'not_found', 'id', () => videos.delete(id));
  });

  await check('unknown ids', async () => {
    for (const id of ['video_nope', '../models', 'a/b', 'video nope?x=1'])
      await refused(OpenAI.NotFoundError, 404, 'not_found', 'id', () => videos.retrieve(id));
    await refused(OpenAI.NotFoundError, 404, 'not_found', null, () => videos.getCharacter('char_1'));
  });

  await check('content that is not ready fails at once', async () => {
    const { id } = await videos.create(long);
    await refused(OpenAI.ConflictError, 409, 'video_not_ready', null, () => videos.downloadContent(id));
    await videos.delete(id);
  });

  await check('sizes, lengths and models that cannot be made', async () => {
    const error = await refused(OpenAI.BadRequestError, 400, 'unsupported_size', 'size', () => videos.create({ prompt: 'a red circle', size: '1280x720' }));
    assert.match(error.message, /64x64/);
    await refused(OpenAI.BadRequestError, 400, 'unsupported_seconds', 'seconds', () => videos.create({ prompt: 'a red circle', seconds: '8' }));
    await refused(OpenAI.BadRequestError, 400, 'model_not_found', 'model', () => videos.create({ prompt: 'a red circle', model: 'sora-9' }));
    await refused(OpenAI.BadRequestError, 400, 'missing_required_parameter', 'prompt', () => videos.create({ prompt: '' }));
  });

  await check('pictures and videos to begin with', async () => {
    const pictures = [() => fs.createReadStream(picture), () => ({ image_url: `data:image/png;base64,${'A'.repeat(100_000)}` }), () => ({ file_id: 'file_1' })];
    for (const input_reference of pictures)
      await refused(OpenAI.BadRequestError, 400, 'unsupported_input', 'input_reference', () => videos.create({ prompt: 'a red circle', input_reference: input_reference() }));
    for (const video of [{ id: done.id }, fs.createReadStream(picture)]) {
      await refused(OpenAI.BadRequestError, 400, 'unsupported_operation', null, () => videos.edit({ prompt: 'bluer', video }));
    }
    await refused(OpenAI.BadRequestError, 400, 'unsupported_operation', null, () => videos.extend({ prompt: 'on', seconds: '4', video: { id: done.id } }));
    await refused(OpenAI.BadRequestError, 400, 'unsupported_operation', null, () => videos.createCharacter({ name: 'Eva', video: fs.createReadStream(picture) }));
  });

  await check('a wrong key', async () => {
    const stranger = new OpenAI({ baseURL, apiKey: 'wrong', fetch: counting });
    const error = await refused(OpenAI.AuthenticationError, 401, 'invalid_api_key', null, () => stranger.videos.list(), 'authentication_error');
    assert.equal(error.headers.get('www-authenticate'), 'Bearer');
  });

  await check('a full queue', async () => {
    const running = await videos.create(long);
    while ((await videos.retrieve(running.id)).status === 'queued') await new Promise((resolve) => setTimeout(resolve, 20));
    const waiting = [];
    for (let i = 0; i < QUEUE_LIMIT; i++) waiting.push(await videos.create(small));
    const error = await refused(OpenAI.RateLimitError, 429, 'queue_full', null, () => videos.create(small, { maxRetries: 0 }), 'rate_limit_error');
    assert(Number(error.headers.get('retry-after')) >= 1);
    for (const { id } of [...waiting, running]) await videos.delete(id);
  });

  /** Runs one check and prints how it went. */
  async function check(what, run) {
    const line = { client: name, check: what, ok: true };
    try {
      return await run();
    } catch (error) {
      failures++;
      Object.assign(line, { ok: false, error: String(error?.stack ?? error) });
    } finally {
      console.log(JSON.stringify(line));
    }
  }

  /** The error that a call ends with, after one try. */
  async function refused(type, status, code, param, call, kind = 'invalid_request_error') {
    calls = 0;
    const error = await Promise.resolve().then(call).then(() => assert.fail(`expected ${status}`), (error) => error);
    assert(error instanceof type, String(error));
    assert.deepEqual([error.status, error.code, error.param, error.type], [status, code, param, kind]);
    assert.equal(calls, 1);
    return error;
  }

  async function finished(body) {
    const { id } = await videos.create(body);
    const video = await poll(id);
    assert.deepEqual([video.status, video.progress, video.error], ['completed', 100, null]);
    return video;
  }

  async function poll(id) {
    for (let last = 0; ;) {
      const { data: video, response } = await videos.retrieve(id).withResponse();
      assert(video.progress >= last);
      last = video.progress;
      if (!response.headers.has('openai-poll-after-ms')) return video;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
