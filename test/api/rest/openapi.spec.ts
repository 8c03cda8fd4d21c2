import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { Static } from 'typebox';
import Value from 'typebox/value';
import { allActions } from '../../../lib/actions/registry.ts';
import type { objectSchemas } from '../../../lib/api/rest/schemas/objects.ts';
import type { InventoryKind, ObjectOf } from '../../../lib/model/objects.ts';
import { type Json, RestHouse } from './house.ts';

/** Fails to compile, naming the kind, where a schema and its type part ways. */
type Apart = {
  [K in InventoryKind]: Static<(typeof objectSchemas)[K]> extends ObjectOf<K> ? never : K;
}[InventoryKind];
const apart: readonly Apart[] = [] satisfies readonly never[];

describe('the description of the API', () => {
  let house: RestHouse;
  let document: Json;

  before(async () => {
    house = await RestHouse.open();
    document = (await house.ask('/openapi.json', { token: '' })).body;
  });
  after(() => house.close());

  it('is OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    assert.deepEqual(result.errors ?? [], []);
    assert.deepEqual([result.valid, validator.version], [true, '3.1']);
    assert.equal(document.servers[0].url, '/virtflow/v1');
  });

  it('gives each route a name of its own, in a chapter that there is', () => {
    const operations = Object.values<Json>(document.paths).flatMap((methods) => Object.values<Json>(methods));
    const ids = operations.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    const tags = document.tags.map(({ name }: Json) => name);
    for (const { operationId, tags: own } of operations) assert.ok(tags.includes(own[0]), operationId);
    assert.equal(ids.length, house.rest.routes.filter(({ isHidden }) => !isHidden).length);
  });

  for (const action of allActions) {
    it(`has ${action.id}, with its parameters, role and danger`, async () => {
      const { post } = document.paths[`/actions/${action.id}`];
      const { schema } = post.requestBody.content['application/json'];
      const { parameters } = schema.properties;
      assert.deepEqual(Object.keys(parameters.properties), Object.keys(action.parameters.properties));
      for (const [name, declared] of Object.entries<Json>(action.parameters.properties)) {
        const { title, description } = parameters.properties[name];
        assert.deepEqual([title, description], [declared.title, declared.description]);
      }
      assert.deepEqual([post['x-virtflow'].role, post['x-virtflow'].danger], [action.role, action.danger]);
      assert.ok(schema.required.includes('target') && !schema.required.includes('plan'));
      const told = await house.ask(`/actions/${action.id}`, { body: { target: 'no such thing' } });
      assert.match(told.body.code, /^(OBJECT|CONNECTION)_UNKNOWN$/);
    });
  }

  it('says what the answers are', async () => {
    assert.deepEqual(apart, []);
    const vm = house.platform.inventory.list({ kind: 'vm' }).find(({ power }) => power === 'running') ?? assert.fail();
    const started = await house.ask('/actions/vm.pause', { body: { target: vm.id } });
    await house.ask('/actions/vm.resume', { body: { target: vm.id, plan: true } });
    const { id } = started.body.operations[0];
    const inPath = (path: string) =>
      path
        .replace('/connections/{name}', '/connections/lab')
        .replace('/actions/{id}', '/actions/vm.start')
        .replace('/operations/{id}', `/operations/${id}`)
        .replace('{code}', 'INTERNAL');
    const objects = ['vm', 'host', 'network', 'storage-pool'] as const;
    const firsts = objects.map((kind) => house.platform.inventory.list({ kind })[0] ?? assert.fail(kind));
    let looked = 0;
    for (const { method, path, answers } of house.rest.routes) {
      const schema = answers[200]?.schema;
      if (method !== 'GET' || !schema || answers[200]?.contentType) continue;
      const plural = path.split('/')[2];
      const object = firsts.find(({ kind }) => `${kind}s` === plural);
      const place = object ? path.replace('{connection}/{id}', `lab/${encodeURIComponent(object.id)}`) : inPath(path);
      // What there is none of here, the suite of its own resource looks at.
      if (place.includes('{')) continue;
      const { status, body } = await house.ask(place);
      assert.equal(status, 200, place);
      const [problem] = Value.Errors(schema, body);
      assert.ok(Value.Check(schema, body), `${place}: ${JSON.stringify(problem)}`);
      looked += 1;
    }
    assert.ok(looked > 15, String(looked));
    const schema = house.rest.routes.find(({ id: name }) => name === 'vm.pause')?.answers[202]?.schema ?? assert.fail();
    assert.ok(Value.Check(schema, started.body));
  });
});
