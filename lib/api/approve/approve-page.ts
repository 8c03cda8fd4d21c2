import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../../access/access.ts';
import { type ApprovalLinks, linkBase } from '../../approvals/approval-links.ts';
import { toVirtflowError, VirtflowError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import { approvalView } from '../approval-view.ts';
import { statusOf } from '../rest/problem.ts';
import { askingPage, donePage, pagePolicy, problemPage } from './page.ts';
import { Visitors } from './visitors.ts';
import { type Language, languageOf } from './words.ts';

export interface ApprovePageRooms {
  readonly log: Log;
  readonly access: Access;
  readonly approvals: { readonly links: ApprovalLinks };
}

interface Shown {
  readonly status: number;
  readonly html: string;
}

const bodyLimitBytes = 65_536;
const visitsPerMinute = 60;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': pagePolicy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
};

/**
 * The page behind a link. Reading it decides nothing, for mail scanners follow links; the form on it does. It holds no
 * script, and works without one.
 */
export class ApprovePage {
  readonly #rooms: ApprovePageRooms;
  readonly #visitors: Visitors;

  constructor(rooms: ApprovePageRooms, visitors = new Visitors(visitsPerMinute)) {
    this.#rooms = rooms;
    this.#visitors = visitors;
  }

  isFor({ url = '' }: IncomingMessage): boolean {
    return url.startsWith(`${linkBase}/`);
  }

  /**
   * Answers a request, whatever it is; never throws.
   * @param read a form that somebody else's web server has read already
   */
  readonly handle = (request: IncomingMessage, response: ServerResponse, read?: unknown): void => {
    const language = languageOf(request.headers['accept-language']);
    this.#answer(request, language, read)
      .catch((thrown: unknown) => this.#problem(thrown, language))
      .then((shown) => send(request, response, shown))
      .catch((thrown: unknown) => {
        this.#rooms.log.error(`The page of an approval could not be sent: ${String(thrown)}`);
        response.destroy();
      });
  };

  async #answer(request: IncomingMessage, language: Language, read: unknown): Promise<Shown> {
    const { method = 'GET', url = '', socket } = request;
    if (!this.#visitors.admit(socket.remoteAddress ?? '')) {
      throw new VirtflowError('REQUESTS_TOO_MANY', { limit: visitsPerMinute });
    }
    const token = url.split('?')[0]?.split('/').at(-1) ?? '';
    if (method === 'GET' || method === 'HEAD') return this.#ask(token, language);
    if (method === 'POST') return this.#take(token, fieldsOf(read) ?? (await readForm(request)), language);
    throw new VirtflowError('METHOD_NOT_ALLOWED', { method, allowed: ['GET', 'HEAD', 'POST'] });
  }

  async #ask(token: string, language: Language, problem?: VirtflowError): Promise<Shown> {
    const { approval, who } = await this.#rooms.approvals.links.open(token);
    const view = await approvalView(approval, this.#rooms.access.sight(who));
    return { status: problem ? 422 : 200, html: askingPage(view, who.name, language, problem) };
  }

  async #take(token: string, fields: ReadonlyMap<string, string>, language: Language): Promise<Shown> {
    const { links } = this.#rooms.approvals;
    const { approval } = await links.open(token);
    const decision = fields.get('decision');
    if (decision !== 'grant' && decision !== 'deny') {
      throw new VirtflowError('REQUEST_INVALID', { reason: 'it neither approves nor denies' });
    }
    const form = valuesOf(approval.form?.properties ?? {}, fields);
    try {
      const { state } = await links.answer(token, { decision, form, comment: fields.get('comment') ?? '' });
      return { status: 200, html: donePage(state, decision, language) };
    } catch (thrown) {
      const error = toVirtflowError(thrown);
      if (error.code === 'APPROVAL_FORM_INVALID') return this.#ask(token, language, error);
      throw error;
    }
  }

  #problem(thrown: unknown, language: Language): Shown {
    const error = toVirtflowError(thrown);
    if (error.code === 'INTERNAL') this.#rooms.log.error(`The page of an approval: ${error.message}`);
    return { status: statusOf(error.code), html: problemPage(error, language) };
  }
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, html }: Shown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(html)) });
  response.end(method === 'HEAD' ? undefined : html);
}

/** What the form's fields are sent as; a box that is not ticked is not sent at all. */
function valuesOf(
  properties: Readonly<Record<string, { readonly type: string }>>,
  fields: ReadonlyMap<string, string>,
) {
  const entries = Object.entries(properties).map(([name, { type }]) => {
    const given = fields.get(`form.${name}`);
    return [name, type === 'boolean' ? given === 'true' : (given ?? '')] as const;
  });
  return Object.fromEntries(entries);
}

function fieldsOf(read: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof read !== 'object' || read === null || Object.keys(read).length === 0) return undefined;
  return new Map(Object.entries(read).map(([name, value]) => [name, String(value)]));
}

async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > bodyLimitBytes) throw new VirtflowError('BODY_TOO_LARGE', { limit: bodyLimitBytes });
    chunks.push(chunk);
  }
  return new Map(new URLSearchParams(Buffer.concat(chunks).toString()));
}
