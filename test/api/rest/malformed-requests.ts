const methods = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'];

const paths = [
  '/whoami',
  '/health',
  '/operations',
  '/operations/x',
  '/operations/x/cancel',
  '/operations/x/wait?seconds=0',
  '/inventory/vms',
  '/inventory/vms/lab/x',
  '/inventory/hosts',
  '/connections',
  '/connections/lab',
  '/actions',
  '/actions/vm.start',
  '/actions/vm.reset',
  '/actions/vm.define',
  '/actions/explode',
  '/events',
  '/problems/INTERNAL',
  '/openapi.json',
  '/docs',
  '/docs/../../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%',
  '/%ff',
  '/%00',
  '//',
  '',
  '/operations/%2F%2F',
  '/__proto__',
  '/constructor/prototype',
];

const queries = [
  '',
  '',
  '?',
  '?limit=1e9',
  '?limit=-1',
  '?limit=1&limit=2',
  '?state=,,,',
  '?cursor=AAAA',
  '?cursor=W10',
  '?cursor=WzEsbnVsbF0',
  '?__proto__=1',
  '?constructor=1&toString=2',
  '?selector=%28%24f%20%3A%3D%20function%28%29%7B%24f%28%29%7D%3B%20%24f%28%29%29',
  '?selector=%24x%28',
  '?name=%2A%2A%2A%2A%2A%2Aa',
  '?object=lab/vm',
  '?since=99999999999999999999',
  '?type=operation,%00',
  '?%ff=%',
  '?seconds=0',
];

const bodies = [
  '',
  'null',
  '0',
  '"text"',
  '[]',
  '{}',
  '{',
  '\xff\xfe\x00',
  '{"target":null}',
  '{"target":{}}',
  '{"target":[[]]}',
  '{"target":"x","plan":"yes"}',
  '{"target":"x","timeoutSeconds":1e999}',
  '{"target":"x","timeoutSeconds":-1}',
  '{"target":"x","parameters":[]}',
  '{"target":"x","parameters":{"__proto__":{"paused":true}}}',
  '{"__proto__":{"target":"x"}}',
  '{"target":{"selector":"$x("}}',
  '{"target":{"selector":"($f := function(){$f()}; $f())"}}',
  '{"target":{"connection":"lab","kind":"vm","id":{}}}',
  '{"target":{"connection":"lab","kind":"vm","id":"x"},"plan":true}',
  '{"target":"lab","parameters":{"definition":"<x"},"plan":true}',
  `${'['.repeat(5_000)}`,
  `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
  '{"target":"\\ud800"}',
];

const types = [
  'application/json',
  'application/json',
  'application/json',
  'text/plain',
  'application/json; charset=latin1',
  '',
  'a/b/c;;;',
];

const oddHeaders = [
  'x-odd: 1',
  'idempotency-key: same',
  'idempotency-key: a b c',
  'idempotency-key: \x7f\x80',
  'last-event-id: x',
  'content-encoding: gzip',
  'accept: application/xml',
  'origin: https://elsewhere.example',
  'expect: 100-continue',
  'range: bytes=0-1',
  'if-none-match: *',
  'cookie: a=b',
  'upgrade-insecure-requests: 1',
  'transfer-encoding: identity',
];

/** Requests of which something is wrong, as they are written on the wire; the same for the same random numbers. */
export function malformedRequests(random: () => number, token: string): () => string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const tokens = [
    `Bearer ${token}`,
    `Bearer ${token}`,
    `Bearer ${token}`,
    `Bearer ${token}x`,
    'Basic eDp5',
    '',
    'Bearer',
  ];
  const broken = (text: string) => {
    if (random() < 0.7 || text === '') return text;
    const cut = Math.floor(random() * text.length);
    return `${text.slice(0, cut)}${String.fromCharCode(Math.floor(random() * 256))}${text.slice(cut + Math.floor(random() * 3))}`;
  };
  /** Without what would end a line early: that is another request, or none. */
  const onLine = (text: string) => text.replace(/[\0-\x20\x7f-\xff]/g, '_');

  return () => {
    // Streams do not end; what is wrong with asking for one is asked for on its own.
    const path = pick(paths);
    const query = path === '/events' ? '?type=explosion' : broken(pick(queries));
    const method = pick(methods);
    const body = method === 'GET' || method === 'HEAD' ? '' : broken(pick(bodies));
    const authorization = pick(tokens);
    const headers = [
      'host: x',
      ...(authorization === '' ? [] : [`authorization: ${authorization}`]),
      `content-type: ${pick(types)}`,
      ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body, 'latin1')}`]),
      ...(random() < 0.4 ? [pick(oddHeaders.slice(0, -1))] : []),
    ];
    const place = onLine(path === '/events' ? `${path}${query}` : `${broken(path)}${query}`);
    return `${method} /virtflow/v1${place} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
  };
}
