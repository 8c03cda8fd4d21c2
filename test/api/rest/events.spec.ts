import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RestHouse, viewer } from './house.ts';
import { EventReader } from './reader.ts';

describe('events over REST', () => {
  let house: RestHouse;

  beforeEach(async () => {
    house = await RestHouse.open('hosts=1&vms=4');
  });
  afterEach(() => house.close());

  const running = () => house.platform.inventory.list({ kind: 'vm' }).filter(({ power }) => power === 'running');
  const vm = () => running()[0] ?? assert.fail('no VM runs');
  const run = async (action: string, target: string) => {
    const { body } = await house.ask(`/actions/${action}`, { body: { target } });
    return house.platform.operations.finished(body.operations[0].id);
  };

  it('tell each transition of an operation, what it changed, and what the hypervisor said', async () => {
    const reader = await EventReader.open(house);
    const { id, name } = vm();
    const operation = await run('vm.pause', id);
    await reader.next(({ type, data }) => type === 'operation' && data.event === 'ended');
    const told = reader.events.filter(({ type, data }) => type === 'operation' && data.event !== 'progress');
    assert.deepEqual(
      told.map(({ data }) => [data.event, data.state, data.id]),
      [
        ['queued', 'queued', operation.id],
        ['started', 'running', operation.id],
        ['ended', 'succeeded', operation.id],
      ],
    );
    const changed = await reader.next(({ type, data }) => type === 'inventory' && data.object.power === 'paused');
    assert.deepEqual([changed.data.change, changed.data.object.name], ['changed', name]);
    assert.equal((await reader.next(({ type }) => type === 'hypervisor')).data.type, 'vm.paused');
    reader.close();
  });

  it('are filtered by type, kind, object, connection and operation', async () => {
    const [one, two] = running();
    assert.ok(one && two);
    const ofTwo = await EventReader.open(house, `?type=operation&object=${encodeURIComponent(`lab/vm/${two.id}`)}`);
    const moon = await EventReader.open(house, '?connection=moon');
    const hosts = await EventReader.open(house, '?kind=host');
    await run('vm.reset', one.id);
    const operation = await run('vm.reset', two.id);
    await ofTwo.next(({ data }) => data.event === 'ended');
    assert.ok(ofTwo.events.every(({ type, data }) => type === 'operation' && data.id === operation.id));
    assert.ok(![...moon.events, ...hosts.events].some(({ data }) => data.object?.kind === 'vm' || data.target));
    const refused = await house.ask('/events?type=explosion');
    assert.equal(refused.body.code, 'PARAMETER_INVALID');
    for (const reader of [ofTwo, moon, hosts]) reader.close();
  });

  it('are for each what they may see, and end when they may no more', async () => {
    const [mine, other] = running();
    assert.ok(mine && other);
    const ann = house.user('ann', [viewer({ selector: `id = '${mine.id}'` })]);
    const reader = await EventReader.open(house, '', { token: ann });
    await run('vm.pause', other.id);
    await run('vm.pause', mine.id);
    await reader.next(({ data }) => data.event === 'ended' && data.target.id === mine.id);
    assert.ok(!JSON.stringify(reader.events).includes(other.id));
    house.platform.access.tokens.revoke('test', house.idOf(ann));
    const last = reader.next(({ type }) => type === 'error');
    while (house.rest.streams > 0) {
      await run('vm.resume', mine.id);
      await run('vm.pause', mine.id);
    }
    assert.deepEqual([(await last).data.code, (await last).data.status], ['TOKEN_INVALID', 401]);
    await reader.ended;
  });

  it('begin, after a break, with how the operations stand that went on meanwhile', async () => {
    const reader = await EventReader.open(house, '?type=operation');
    await run('vm.pause', vm().id);
    const { id: lastEventId } = await reader.next(({ data }) => data.event === 'ended');
    reader.close();
    const missed = await run('vm.pause', vm().id);
    const again = await EventReader.open(house, '?type=operation', { lastEventId: lastEventId ?? assert.fail() });
    const told = await again.next(({ data }) => data.id === missed.id);
    assert.deepEqual([told.data.event, told.data.state], ['state', 'succeeded']);
    again.close();
    assert.equal((await house.ask('/events', { headers: { 'last-event-id': 'x' } })).body.code, 'REQUEST_INVALID');
  });

  it('are read by one user only so often at once', async () => {
    const ann = house.user('ann', [viewer()]);
    const readers = [];
    for (let count = 0; count < 50; count += 1) readers.push(await EventReader.open(house, '', { token: ann }));
    const refused = await house.ask('/events', { token: ann });
    assert.deepEqual([refused.status, refused.body.code], [429, 'REQUESTS_TOO_MANY']);
    readers.push(await EventReader.open(house));
    for (const reader of readers) reader.close();
  });

  it('say good-bye when virtflow stops', async () => {
    const reader = await EventReader.open(house);
    house.rest.stop();
    await reader.ended;
    assert.equal(reader.events.at(-1)?.data.code, 'STOPPING');
  });

  describe('to a reader that is slow', () => {
    let small: RestHouse;
    let socket: Socket;
    let end = '';

    beforeEach(async () => {
      small = await RestHouse.open('hosts=1&vms=4', { waiting: 100 });
      socket = connect(small.port, '127.0.0.1').setEncoding('utf8').pause();
      end = '';
      socket.on('data', (chunk: string) => {
        end = `${end}${chunk}`.slice(-50_000);
      });
      const lines = ['GET /virtflow/v1/events HTTP/1.1', 'host: x', `authorization: Bearer ${small.admin}`, '', ''];
      socket.write(lines.join('\r\n'));
      while (small.rest.streams === 0) await new Promise(setImmediate);
      // One object that changes again and again is one fact that waits.
      for (let count = 0; count < 5_000; count += 1) {
        put('one', `${count} ${bulk}`);
        if (count % 50 === 0) await new Promise(setImmediate);
      }
    });
    afterEach(async () => {
      socket.destroy();
      await small.close();
    });

    const bulk = 'x'.repeat(10_000);
    const put = (id: string, description: string) => {
      const [known] = small.platform.inventory.list({ kind: 'vm' });
      assert.ok(known);
      small.platform.inventory.apply('lab', { type: 'put', object: { ...known, id, description } });
    };

    it('tell how things stand in the end, and how much was left out', async () => {
      assert.equal(small.rest.streams, 1);
      socket.resume();
      while (!end.includes('"description":"4999 ')) await once(socket, 'data');
      assert.ok(/"coalesced":\d{3,},"change":"changed","object":\{[^\n]*"description":"4999 /.test(end));
    });

    it('end with a code once too many wait, so that they never fill the memory', async () => {
      for (let count = 0; small.rest.streams > 0; count += 1) {
        assert.ok(count < 200, 'no more than may wait');
        put(`other-${count}`, bulk);
      }
      socket.resume();
      await once(socket, 'close');
      assert.ok(/event: error\ndata: \{[^\n]*"code":"EVENTS_TOO_SLOW"/.test(end));
    });
  });
});
