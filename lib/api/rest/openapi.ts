import type { TObject, TSchema } from 'typebox';
import type { Described, Route } from './route.ts';
import { problem } from './schemas/common.ts';

type Json = Readonly<Record<string, unknown>>;

const tags = {
  actions: 'What can be done. Each action is a route; what it starts is an operation that goes on by itself.',
  operations: 'What is being done and was done.',
  approvals: 'What waits until somebody has approved it.',
  rules: 'What is judged of what is measured and happens, how it stands, and what a rule would have made of the past.',
  alerts: 'What is wrong, who is told of it, and who is not.',
  calendar: 'Maintenance and blackout windows, and what schedules did and will do.',
  inventory: 'What exists now, on all connections.',
  connections: 'The hypervisors.',
  metrics: 'What was measured, and how long it is kept.',
  events: 'What happens, as it happens.',
  dashboards: 'Dashboards as Grafana writes them, and their figures.',
  access: 'Who you are.',
  service: 'The API itself.',
} as const;

const about =
  'Every action of virtflow, what exists, what is done and what happens. Log in with the header ' +
  '`Authorization: Bearer vft_…`; `virtflow token create` makes such a token. You see and do what is granted to you. ' +
  'Errors are problems (RFC 9457) with a stable `code`, what happened (`detail`) and what to do (`advice`).';

/** The API as OpenAPI 3.1, derived from its routes. @param base where it is mounted */
export function openApi(routes: readonly Route[], base: string): Json {
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'virtflow',
      version: '1',
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: base }],
    security: [{ token: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths: pathsOf(routes.filter(({ isHidden }) => !isHidden)),
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token (vft_…) or a session of the editor (vfs_…).',
        },
        password: { type: 'http', scheme: 'basic', description: 'Any user name, and an API token as the password.' },
      },
    },
  };
}

/** Where it is otherwise than everywhere. */
function securityOf({ isOpen, takesPassword }: Route): Json {
  if (isOpen) return { security: [] };
  return takesPassword ? { security: [{ token: [] }, { password: [] }] } : {};
}

function pathsOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of routes) {
    paths[one.path] ??= {};
    Object.assign(paths[one.path] ?? {}, { [one.method.toLowerCase()]: operationOf(one) });
  }
  return paths;
}

function operationOf(route: Route): Json {
  const { id, tag, summary, description, shownBody, answers, more } = route;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...securityOf(route),
    ...(more === undefined ? {} : { 'x-virtflow': more }),
    parameters: parametersOf(route),
    ...(shownBody === undefined ? {} : { requestBody: bodyOf(shownBody) }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, one]) => [status, answerOf(one)])),
      ...failure,
    },
  };
}

const failure = {
  default: {
    description: 'It was not done; `code`, `detail` and `advice` say why.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
};

function answerOf({ description, schema, contentType = 'application/json', headers }: Described): Json {
  return {
    description,
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...(schema === undefined ? {} : { content: { [contentType]: { schema } } }),
  };
}

function headersOf(headers: Readonly<Record<string, string>>): Json {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, description]) => [name, { description, schema: { type: 'string' } }]));
}

function parametersOf({ path, pathParameters = {}, query, headers = {} }: Route): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: pathParameters[name] ?? '',
    schema: { type: 'string' },
  }));
  const inHeaders = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...Object.entries(query.properties).map(([name, schema]) => inQuery(name, schema)), ...inHeaders];
}

function inQuery(name: string, given: TSchema): Json {
  const { description, ...schema } = withDescription(given);
  const isList = 'type' in schema && schema.type === 'array';
  const style = isList ? { style: 'form', explode: false } : {};
  return { name, in: 'query', ...(description === undefined ? {} : { description }), ...style, schema };
}

function withDescription(schema: TSchema): { readonly description?: string } & Json {
  return { ...schema };
}

function bodyOf(schema: TObject): Json {
  return { required: true, content: { 'application/json': { schema: asked(schema) } } };
}

/** Of what is asked for, nothing is needed that has a default; and what is not known is refused. */
function asked(schema: TSchema): Json {
  const { properties, required, ...rest } = objectOf(schema);
  if (properties === undefined) return { ...schema };
  const needed = required?.filter((name) => !isOptional(properties[name]));
  const inner = Object.entries(properties).map(([name, one]) => [name, asked(one)]);
  const known = { ...rest, properties: Object.fromEntries(inner), additionalProperties: false };
  return needed?.length ? { ...known, required: needed } : known;
}

/** An object all of whose parts may be left out may be left out itself. */
function isOptional(schema: TSchema | undefined): boolean {
  if (schema === undefined || 'default' in schema) return true;
  const { properties, required = [] } = objectOf(schema);
  return properties !== undefined && required.every((name) => isOptional(properties[name]));
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

function objectOf(schema: TSchema): ObjectSchema & Json {
  return { ...schema };
}
