import type { ServerResponse } from 'node:http';
import Type from 'typebox';
import { standingPermissions } from '../../../access/permission.ts';
import { toVirtflowError } from '../../../model/errors.ts';
import type { AlertState } from '../../../rules/alert.ts';
import type { Comparison } from '../../../rules/backtest.ts';
import type { RuleEntry } from '../../../rules/rule-room.ts';
import type { Caller } from '../caller.ts';
import { problemOf } from '../problem.ts';
import type { RestRooms } from '../rooms.ts';
import { type Route, route } from '../route.ts';
import { time } from '../schemas/common.ts';

const tag = 'rules';
const pathParameters = { id: 'The id of the rule.' };
const anything = Type.Record(Type.String(), Type.Unknown());
const linesType = 'application/x-ndjson';
/** Firings that an answer lists; more are counted. */
const mostFirings = 2_000;

const standing = Type.Object({
  rule: anything,
  from: anything,
  enabled: Type.Boolean(),
  counts: Type.Record(Type.String(), Type.Integer(), {
    description: 'How many objects that you may see have a status.',
  }),
});
const listQuery = Type.Object({
  objects: Type.Boolean({ default: false, description: 'With each object and how it stands.' }),
});
const backtestBody = Type.Object({
  rule: Type.Record(Type.String(), Type.Unknown(), {
    description: 'As rules.json has it; docs/rules.md shows each kind.',
  }),
  against: Type.Optional(
    Type.String({ description: 'The id of the rule of today that it is held against; its own unless told.' }),
  ),
  from: time('Where it begins to tell.'),
  to: time('Where it ends.'),
});

/** The rules of nodes and of rules.json in one list, how every object stands, and what a rule would have made of the past. */
export function ruleRoutes(rooms: RestRooms): readonly Route[] {
  const { access, ruleRoom } = rooms;
  const view = async ({ rule, from, enabled }: RuleEntry, caller: Caller, withObjects: boolean) => {
    const objects = await seen(ruleRoom.states(rule.id), caller);
    const counts = Object.fromEntries(
      Object.entries(Object.groupBy(objects, ({ status }) => status)).map(([status, all]) => [status, all.length]),
    );
    return { rule, from, enabled, counts, ...(withObjects && { objects }) };
  };
  const one = { 200: { description: 'The rule.', schema: standing } };

  return [
    route({
      method: 'GET',
      path: '/rules',
      id: 'listRules',
      tag,
      summary: 'All rules: those of nodes, and those of rules.json',
      query: listQuery,
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(standing) }) } },
      handle: async ({ query: { objects }, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        const items = await Promise.all(ruleRoom.list().map((entry) => view(entry, caller, objects)));
        return { status: 200, body: { items, problem: ruleRoom.problem } };
      },
    }),
    route({
      method: 'GET',
      path: '/rules/{id}',
      id: 'getRule',
      tag,
      summary: 'A rule, and how every object stands under it',
      pathParameters,
      answers: one,
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        return { status: 200, body: await view(ruleRoom.get(path.id ?? ''), caller, true) };
      },
    }),
    route({
      method: 'PUT',
      path: '/rules/{id}',
      id: 'putRule',
      tag,
      summary: 'Add a rule to rules.json, or replace the one of this id',
      description: 'Takes rules.write. Nothing is told by that; a rule of a node is changed where it is drawn.',
      pathParameters,
      body: Type.Object({ rule: Type.Record(Type.String(), Type.Unknown()) }),
      answers: one,
      handle: async ({ path, caller, body }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.writeRules);
        const { rule } = ruleRoom.put(caller.who.name, { ...body.rule, id: path.id });
        return { status: 200, body: await view(ruleRoom.get(rule.id), caller, false) };
      },
    }),
    route({
      method: 'PUT',
      path: '/rules/{id}/enabled',
      id: 'enableRule',
      tag,
      summary: 'Enable or disable a rule of rules.json',
      description: 'Takes rules.write. The alerts of one that is disabled are withdrawn.',
      pathParameters,
      body: Type.Object({ enabled: Type.Boolean() }),
      answers: one,
      handle: async ({ path, caller, body }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.writeRules);
        ruleRoom.enable(caller.who.name, path.id ?? '', body.enabled);
        return { status: 200, body: await view(ruleRoom.get(path.id ?? ''), caller, false) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/rules/{id}',
      id: 'deleteRule',
      tag,
      summary: 'Delete a rule of rules.json',
      description: 'Takes rules.write. Its alerts are withdrawn.',
      pathParameters,
      answers: { 204: { description: 'It is gone.' } },
      handle: async ({ path, caller }) => {
        await access.authoriseHouse(caller.origin, standingPermissions.writeRules);
        ruleRoom.delete(caller.who.name, path.id ?? '');
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/rules/backtest',
      id: 'backtestRule',
      tag,
      summary: 'Try a rule on what was stored of the objects that you may see',
      description:
        'When it would have fired, and how that differs from the rule of today. Accepting application/x-ndjson, a line with ' +
        '`progress` (0 to 1) comes now and then, and the last one has `result` or `error`. It ends when nobody listens, and ' +
        'after two minutes with what it has: `range.to` tells how far that goes.',
      body: backtestBody,
      answers: { 200: { description: 'It.', schema: anything } },
      handle: async ({ body, caller, headers, signal, base }) => {
        // Figures are seen by who may see the object; rules are those of flows, and a composite names some.
        const namesRule = body.against !== undefined || body.rule.id !== undefined || body.rule.kind === 'composite';
        if (namesRule) await access.authoriseHouse(caller.origin, standingPermissions.readFlows);
        const sees = await caller.sight.figures();
        const request = { ...body, signal, ...(sees && { sees }) };
        if (!headers.accept?.includes(linesType))
          return { status: 200, body: resultOf(await ruleRoom.backtest(request)) };
        return {
          status: 200,
          headers: { 'content-type': linesType, 'x-accel-buffering': 'no' },
          stream: (response) => {
            const lines = new Lines(response);
            ruleRoom.backtest({ ...request, progress: (ratio) => lines.progress(ratio) }).then(
              (comparison) => lines.end({ result: resultOf(comparison) }),
              (thrown: unknown) => lines.end({ error: problemOf(toVirtflowError(thrown), base) }),
            );
          },
        };
      },
    }),
  ];
}

/** JSON a line; progress no more often than people can see. */
class Lines {
  readonly #response: ServerResponse;
  #toldAt = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  progress(ratio: number): void {
    const now = performance.now();
    if (now - this.#toldAt < 100) return;
    this.#toldAt = now;
    this.#response.write(`${JSON.stringify({ progress: ratio })}\n`);
  }

  end(last: object): void {
    this.#response.end(`${JSON.stringify(last)}\n`);
  }
}

/** Each transition is told by its firing. */
function resultOf({ draft, today, apart }: Comparison) {
  const brief = ({ transitions: _, firings, ...about }: Comparison['draft']) => ({
    ...about,
    count: firings.length,
    firings: firings.slice(0, mostFirings),
  });
  return {
    draft: brief(draft),
    today: today && brief(today),
    apart: apart && {
      same: apart.same,
      added: apart.added.length,
      gone: apart.gone.length,
      moved: apart.moved.length,
    },
  };
}

async function seen(states: readonly AlertState[], { sight }: Caller): Promise<readonly AlertState[]> {
  if (await sight.everything()) return states;
  const found: AlertState[] = [];
  for (const state of states) if (state.object && (await sight.reference(state.object))) found.push(state);
  return found;
}
