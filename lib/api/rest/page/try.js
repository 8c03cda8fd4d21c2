import { element } from './dom.js';
import { field } from './fields.js';
import { base, credentials } from './login.js';

/**
 * @typedef {import('./fields.js').Schema} Schema
 * @typedef {import('./fields.js').Field} Field
 *
 * @typedef {object} Parameter
 * @property {string} name
 * @property {'path' | 'query' | 'header'} in
 * @property {boolean} [required]
 * @property {string} [description]
 * @property {Schema} schema
 *
 * @typedef {object} Operation
 * @property {string} operationId
 * @property {string[]} tags
 * @property {string} summary
 * @property {string} [description]
 * @property {Parameter[]} parameters
 * @property {{ content: Record<string, { schema: Schema }> }} [requestBody]
 * @property {{ danger: string }} [x-virtflow]
 * @property {Record<string, { description: string, content?: Record<string, { schema: Schema }> }>} responses
 *
 * @typedef {{ url: string, method: string, headers: Record<string, string>, body?: string }} Wanted
 */

/**
 * What a route takes as a form, and a place for its answer.
 * @param {string} method
 * @param {string} path
 * @param {Operation} operation
 */
export function tryIt(method, path, operation) {
  const spoken = operation.parameters.map((one) => ({
    one,
    field: field(one.name, { ...one.schema, description: one.description ?? '' }, one.required === true),
  }));
  const { schema } = operation.requestBody?.content['application/json'] ?? {};
  const body = schema ? bodyFields(schema) : [];
  const rows = [...body, ...spoken.map((each) => each.field)].flatMap((each) => each.rows);
  const answer = element('div', { 'aria-live': 'polite' });
  const form = element('form', { submit: (event) => event.preventDefault() });
  const wanted = () => requestOf(method, path, spoken, schema ? bodyOf(body) : undefined);
  const changes = method !== 'get';
  const { danger = 'none' } = operation['x-virtflow'] ?? {};
  const send = element('button', { class: danger === 'none' ? 'send' : 'send danger' }, changes ? 'Do it' : 'Send');
  const stop = element('button', { type: 'button', hidden: true }, 'Stop');
  const curl = element('button', { type: 'button', click: () => show(answer, curlOf(wanted())) }, 'As curl');
  const buttons = element('div', { class: 'buttons' }, send, stop, curl);
  form.addEventListener('submit', () => {
    run(wanted(), answer, send, stop).catch((error) => show(answer, String(error)));
  });
  form.style.display = 'block';
  form.append(element('div', { class: 'fields' }, ...rows), buttons, answer);
  return form;
}

/**
 * @param {Schema} schema
 * @param {string} [prefix]
 * @returns {Field[]}
 */
function bodyFields(schema, prefix = '') {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, one]) =>
    one.properties ? bodyFields(one, `${prefix}${name}.`) : [field(`${prefix}${name}`, one, required.includes(name))],
  );
}

/** @param {Field[]} fields */
function bodyOf(fields) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const { name, value } of fields) {
    const given = value();
    if (given === undefined) continue;
    const [first = '', second] = name.split('.');
    if (second === undefined) body[first] = given;
    else body[first] = { ...body[first], [second]: given };
  }
  return body;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{ one: Parameter, field: Field }[]} spoken
 * @param {unknown} body
 * @returns {Wanted}
 */
function requestOf(method, path, spoken, body) {
  /** @type {Record<string, string>} */
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const search = new URLSearchParams();
  let place = path;
  for (const { one, field } of spoken) {
    const value = field.value();
    if (one.in === 'path') place = place.replace(`{${one.name}}`, encodeURIComponent(String(value ?? '')));
    else if (value === undefined) continue;
    else if (one.in === 'query') search.set(one.name, Array.isArray(value) ? value.join(',') : String(value));
    else headers[one.name] = String(value);
  }
  const query = search.size > 0 ? `?${search}` : '';
  const whole = { url: `${base}${place}${query}`, method: method.toUpperCase(), headers };
  return body === undefined ? whole : { ...whole, body: JSON.stringify(body) };
}

/**
 * @param {Wanted} wanted
 * @param {HTMLElement} answer
 * @param {HTMLButtonElement} send
 * @param {HTMLElement} stop
 */
async function run({ url, method, headers, body }, answer, send, stop) {
  const end = new AbortController();
  stop.onclick = () => end.abort();
  send.disabled = true;
  stop.hidden = false;
  try {
    const about = { method, headers: { ...headers, ...credentials() }, signal: end.signal };
    const response = await fetch(url, body === undefined ? about : { ...about, body });
    const line = element(
      'p',
      { class: response.ok ? 'status' : 'status bad' },
      `${response.status} ${response.statusText}`,
    );
    const place = response.headers.get('location');
    if (place) line.append(` → ${place}`);
    const text = element('pre', { tabindex: '0' });
    answer.replaceChildren(line, text);
    await read(response, text);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    send.disabled = false;
    stop.hidden = true;
  }
}

const shownAtMost = 200_000;

/**
 * Shows an answer as it comes, for a stream of events has no end.
 * @param {Response} response
 * @param {HTMLElement} place
 */
async function read(response, place) {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) {
    place.textContent = JSON.stringify(await response.json(), null, 2);
    return;
  }
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    place.textContent = `${place.textContent}${part.value}`.slice(-shownAtMost);
    place.scrollTop = place.scrollHeight;
  }
}

/**
 * @param {HTMLElement} answer
 * @param {string} text
 */
function show(answer, text) {
  answer.replaceChildren(element('pre', { tabindex: '0' }, text));
}

/** @param {Wanted} wanted */
function curlOf({ url, method, headers, body }) {
  const said = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}-H "Authorization: Bearer $VIRTFLOW_TOKEN"`,
    ...said,
    ...(body === undefined ? [] : [`-d ${quoted(body)}`]),
    quoted(`${location.origin}${url}`),
  ];
  return parts.join(' \\\n  ');
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
