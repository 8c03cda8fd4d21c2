import type { ServerResponse } from 'node:http';
import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import Value from 'typebox/value';
import { VirtflowError } from '../../model/errors.ts';
import { readParameters } from '../../operations/parameters.ts';
import type { Caller } from './caller.ts';
import { readQuery } from './query.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What an answer is made of; `body` goes out as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In the place of `body`: as it is, of the type that the headers say. */
  readonly text?: string;
  /** In the place of both: goes on after the head was written, until the connection ends. */
  readonly stream?: (response: ServerResponse) => void;
}

/** A request on its way to its route. */
export interface RawCall {
  /** Where the API is mounted: `/virtflow/v1`. */
  readonly base: string;
  readonly path: Readonly<Record<string, string>>;
  readonly search: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  /** Whoever asks; routes that are open to everybody have none. */
  readonly caller: Caller | undefined;
  /** Aborted when whoever asked is gone. */
  readonly signal: AbortSignal;
}

/** A request as its route declares it. */
export interface Call<Q extends TProperties, B extends TProperties> extends Omit<RawCall, 'body' | 'caller'> {
  readonly query: Static<TObject<Q>>;
  readonly body: Static<TObject<B>>;
  readonly caller: Caller;
}

export interface Described {
  readonly description: string;
  readonly schema?: TSchema;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface About {
  readonly method: Method;
  /** Below the base, as OpenAPI writes it: `/operations/{id}`. */
  readonly path: string;
  /** Unique, for generated clients. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What OpenAPI has no word for; stands there as `x-virtflow`. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What the parts of the path in braces mean. */
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Described>>;
  /** Without any login: says nothing of anybody's hypervisors. */
  readonly isOpen?: boolean;
  /**
   * Takes a token as the password of HTTP Basic too, for programs that can send nothing else. For reading alone: browsers
   * send such a password by themselves, also for a page from elsewhere.
   */
  readonly takesPassword?: boolean;
  /** Left out of the documentation: it only tells what is wrong. */
  readonly isHidden?: boolean;
}

export interface RouteDeclaration<Q extends TProperties, B extends TProperties> extends About {
  readonly query?: TObject<Q>;
  readonly body?: TObject<B>;
  /** What the documentation shows, where it knows more than what is checked here. */
  readonly shownBody?: TObject;
  readonly handle: (call: Call<Q, B>) => Promise<Answer> | Answer;
}

/** A route, ready to be called; what it is given is checked before its own code sees it. */
export interface Route extends About {
  readonly query: TObject;
  readonly body: TObject | undefined;
  readonly shownBody: TObject | undefined;
  /** @throws PARAMETER_INVALID and what the route throws */
  call(call: RawCall): Promise<Answer>;
}

const nothing = Type.Object({});

export function route<Q extends TProperties, B extends TProperties>(declaration: RouteDeclaration<Q, B>): Route {
  const { query, body, shownBody = body, handle, ...about } = declaration;
  return {
    ...about,
    query: query ?? nothing,
    body,
    shownBody,
    call: async ({ body: given, caller, ...rest }) =>
      handle({
        ...rest,
        query: checked(query, readQuery(query ?? nothing, rest.search)),
        body: checked(body, given ?? {}),
        get caller() {
          if (caller) return caller;
          throw new VirtflowError('CREDENTIALS_MISSING');
        },
      }),
  };
}

/** Defaults are filled in, and what is not known is refused. @throws PARAMETER_INVALID */
function checked<P extends TProperties>(schema: TObject<P> | undefined, given: unknown): Static<TObject<P>> {
  const known: TObject = schema ?? nothing;
  const value: unknown = readParameters(known, given);
  if (isOf(schema, value)) return value;
  throw new VirtflowError('INTERNAL', { reason: 'a request was let through unchecked' });
}

/** A route without such a schema takes nothing, and what it takes was checked before. */
function isOf<P extends TProperties>(schema: TObject<P> | undefined, value: unknown): value is Static<TObject<P>> {
  return schema === undefined || Value.Check(schema, value);
}
