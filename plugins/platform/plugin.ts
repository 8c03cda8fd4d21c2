import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { parseMqttSettings } from '../../lib/api/mqtt/settings.ts';
import { problemAnswer } from '../../lib/api/rest/answering.ts';
import { restBase } from '../../lib/api/rest/base.ts';
import { linkBase } from '../../lib/approvals/approval-links.ts';
import { toVirtflowError, VirtflowError } from '../../lib/model/errors.ts';
import type { Log } from '../../lib/model/log.ts';
import { parseOperationsSettings } from '../../lib/operations/settings.ts';
import { isPlatformRunning, Platform, usePlatform } from '../../lib/platform.ts';

type ExpressRequest = IncomingMessage & {
  readonly baseUrl: string;
  readonly body?: unknown;
  /** Whom Node-RED's own login has let in; it has none where everybody may do everything. */
  readonly user?: { readonly username?: unknown };
};
type Handler = (request: ExpressRequest, response: ServerResponse) => void;
type Guard = (request: ExpressRequest, response: ServerResponse, next: () => void) => void;
/** Express knows it by its four parameters. */
type FailureHandler = (error: unknown, request: ExpressRequest, response: ServerResponse, next: () => void) => void;

interface ExpressApp {
  use(path: string, handler: Handler): void;
  use(path: string, handler: FailureHandler): void;
}

/** What we use of the runtime that Node-RED hands to a plugin. */
interface NodeRed {
  /** None where Node-RED was told to have no editor. */
  readonly httpAdmin?:
    | (ExpressApp & {
        /** The one that it is mounted in, with the editor and the parsers of bodies. */
        readonly parent?: ExpressApp;
      })
    | null;
  readonly auth: { needsPermission(permission: string): Guard };
  readonly settings: { readonly userDir?: unknown; readonly virtflow?: unknown };
  readonly log: Log;
}

/**
 * Brings the platform into a Node-RED that somebody has already; there `virtflow: { dataDirectory, mqtt, operations }` in its
 * settings.js says what shall be otherwise. Where virtflow runs Node-RED itself, the platform is there before.
 */
export default function platformPlugin(RED: NodeRed): void {
  if (isPlatformRunning()) return;
  try {
    const platform = open(RED);
    usePlatform(platform);
    platform.start();
    stopWithProcess(platform, RED.log);
    mountRest(RED, platform);
  } catch (thrown) {
    const error = toVirtflowError(thrown);
    RED.log.error(`[virtflow] ${error.message} ${error.advice} [${error.code}]`);
    // Node-RED marks the plugin as failed, and says so in the palette.
    throw error;
  }
}

const known: readonly string[] = ['dataDirectory', 'mqtt', 'operations'];

function open(RED: NodeRed): Platform {
  const settings = entriesOf(RED.settings.virtflow);
  const odd = Object.keys(settings).find((key) => !known.includes(key));
  if (odd !== undefined) throw invalid(odd, `settings.js knows ${known.join(', ')} only`);
  return new Platform({
    dataDirectory: dataDirectoryOf(settings.dataDirectory, RED.settings.userDir),
    mqtt: parseMqttSettings(settings.mqtt),
    operations: parseOperationsSettings(settings.operations),
    log: RED.log,
  });
}

function dataDirectoryOf(chosen: unknown, userDirectory: unknown): string {
  if (typeof chosen === 'string' && chosen !== '') return chosen;
  if (chosen !== undefined) throw invalid('dataDirectory', 'it is not a path');
  if (typeof userDirectory === 'string' && existsSync(userDirectory)) return join(userDirectory, 'virtflow');
  throw invalid('dataDirectory', 'Node-RED has no user directory, so it must be given');
}

/**
 * A plugin is not told that the runtime stops. Node-RED ends the process once its flows are closed: until then as much
 * is put in order as can be, and the rest is settled at the next start.
 */
function stopWithProcess(platform: Platform, log: Log): void {
  const stop = () => {
    platform.stop().catch((error: unknown) => log.error(`[virtflow] ${String(error)}`));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop);
}

/**
 * REST stands beside the editor: what stands among the flows' own pages would share their login, which takes the
 * Authorization header. Node-RED has read a JSON body by then, or failed to.
 */
function mountRest({ httpAdmin, log, auth }: NodeRed, { rest, approvePage, pages }: Platform): void {
  if (!httpAdmin) {
    log.warn('[virtflow] Without httpAdminRoot there is no REST API.');
    return;
  }
  const reply = (request: ExpressRequest, response: ServerResponse, by: { readonly user?: string }) => {
    const { baseUrl: base, url = '/', body } = request;
    rest.handle(request, response, { base, url: url.replace(/^\/(?=\?|$)/, ''), ...bodyRead(request, body), ...by });
  };
  const mayRead = auth.needsPermission('virtflow.read');
  const mayOperate = auth.needsPermission('virtflow.operate');
  const answer: Handler = (request, response) => {
    if (!isFromEditor(request)) return reply(request, response, {});
    const guard = request.method === 'GET' ? mayRead : mayOperate;
    guard(request, response, () => reply(request, response, { user: nameOf(request) }));
  };
  const refuse: FailureHandler = (_error, { baseUrl: base }, response, _next) => {
    const { status, headers, text } = problemAnswer(new VirtflowError('REQUEST_INVALID', { reason: unreadable }), base);
    response.writeHead(status, { ...headers });
    response.end(text);
  };
  for (const page of pages) {
    httpAdmin.use(page.base, (request, response) => {
      const { baseUrl: base, url = '/' } = request;
      page.handle(request, response, { base, url: url.replace(/^\/(?=\?|$)/, '') });
    });
  }
  httpAdmin.use(linkBase, (request, response) => approvePage.handle(request, response, request.body));
  httpAdmin.use(restBase, answer);
  // What a parser fails at never comes into what is mounted after it.
  (httpAdmin.parent ?? httpAdmin).use(restBase, refuse);
}

/**
 * The editor says so in a header: a page from elsewhere cannot set it unless it is allowed to, which nobody is. So the
 * editor's login, or that there is none, cannot be used from there.
 */
function isFromEditor({ headers }: ExpressRequest): boolean {
  return headers['virtflow-editor'] !== undefined;
}

function nameOf({ user }: ExpressRequest): string {
  return typeof user?.username === 'string' ? user.username : 'editor';
}

const unreadable = 'its body is not JSON in UTF-8, or longer than Node-RED takes (apiMaxLength)';

/** Express leaves an empty object where nothing was read. */
function bodyRead({ headers }: ExpressRequest, body: unknown): { readonly body?: unknown } {
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '');
  return isJson && body !== undefined ? { body } : {};
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid('virtflow', 'it is not an object');
}

function invalid(option: string, reason: string): VirtflowError {
  return new VirtflowError('OPTION_INVALID', { option: `virtflow.${option}`, reason });
}
