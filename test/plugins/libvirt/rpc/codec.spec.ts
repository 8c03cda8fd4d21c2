import assert from 'node:assert/strict';
import { compileDecoder } from '../../../../plugins/libvirt/rpc/decoder.ts';
import { compileEncoder } from '../../../../plugins/libvirt/rpc/encoder.ts';
import { procedure } from '../../../../plugins/libvirt/rpc/procedure.ts';
import { XdrReader } from '../../../../plugins/libvirt/rpc/xdr-reader.ts';
import { XdrWriter } from '../../../../plugins/libvirt/rpc/xdr-writer.ts';
import { domain, hyper, parameter, text, uuid, VM, words } from './wire.ts';

function encode(layout: string, value: unknown): Buffer {
  const writer = new XdrWriter(16);
  compileEncoder(layout, 'CALL')(writer, value);
  return writer.bytes.subarray(0, writer.length);
}

function decode(layout: string, ...parts: readonly Buffer[]): unknown {
  const bytes = Buffer.from(new Uint8Array(Buffer.concat(parts)).buffer);
  const reader = new XdrReader();
  reader.attach(bytes);
  reader.window(0, bytes.length);
  const value = compileDecoder(layout)(reader);
  assert.equal(reader.remaining, 0);
  return value;
}

describe('layouts', () => {
  it('write fields in their order, and what may be left out', () => {
    assert.deepEqual(encode('dom:domain flags', { dom: VM }), Buffer.concat([domain(), words(0)]));
    assert.deepEqual(encode('need_results flags', { flags: 2 }), words(1, 2));
    assert.deepEqual(encode('name:str? flags', {}), words(0, 0));
    assert.deepEqual(encode('name:str? flags', { name: null, flags: 1 }), words(0, 1));
    assert.deepEqual(encode('names:str[]', { names: ['a', 'bc'] }), Buffer.concat([words(2), text('a'), text('bc')]));
    const { name, uuid: id } = VM;
    assert.deepEqual(encode('dom:domain', { dom: { name, uuid: id } }), domain({ ...VM, id: -1 }));
  });

  it('read nested structures, arrays and optional parts', () => {
    const port = Buffer.concat([text('net'), uuid(VM.uuid), uuid(VM.uuid)]);
    assert.deepEqual(decode('ports:port[] ret:u32', words(1), port, words(1)), {
      ports: [{ net: { name: 'net', uuid: VM.uuid }, uuid: VM.uuid }],
      ret: 1,
    });
    assert.deepEqual(decode('snap:snapshot?', words(1), text('one'), domain()), { snap: { name: 'one', dom: VM } });
    assert.deepEqual(decode('snap:snapshot?', words(0)), { snap: null });
    assert.deepEqual(decode('map:bytes on:u32', words(1), Buffer.from([5, 0, 0, 0]), words(1)), {
      map: Buffer.from([5]),
      on: 1,
    });
  });

  it('bring typed parameters of every type there and back', () => {
    const params = [
      { field: 'i', type: 'i32', value: -1 },
      { field: 'u', type: 'u32', value: 1 },
      { field: 'l', type: 'i64', value: -(2 ** 40) },
      { field: 'ul', type: 'u64', value: 2 ** 40 },
      { field: 'd', type: 'f64', value: 0.5 },
      { field: 'b', type: 'bool', value: true },
      { field: 's', type: 'str', value: 'text' },
    ];
    const half = Buffer.alloc(8);
    half.writeDoubleBE(0.5);
    const bytes = Buffer.concat([
      words(7),
      parameter('i', 1, words(-1)),
      parameter('u', 2, words(1)),
      parameter('l', 3, hyper(-(2n ** 40n))),
      parameter('ul', 4, hyper(2n ** 40n)),
      parameter('d', 5, half),
      parameter('b', 6, words(1)),
      parameter('s', 7, text('text')),
    ]);
    assert.deepEqual(encode('params:param[]', { params }), bytes);
    assert.deepEqual(decode('params:param[]', bytes), { params });
  });

  it('take whole numbers of any size as bigint', () => {
    assert.deepEqual(encode('size:u64', { size: 2n ** 63n + 1n }), hyper(2n ** 63n + 1n));
  });

  it('refuse what does not fit, and say where and why', () => {
    const refused: readonly [string, unknown, RegExp][] = [
      ['flags', { flags: -1 }, /^CALL\.flags must be a whole number from 0 to 4294967295; it is -1\.$/],
      ['flags', { flags: 1.5 }, /1\.5/],
      ['n:i32', { n: 2 ** 31 }, /CALL\.n/],
      ['n:i32', {}, /CALL\.n .* undefined/],
      ['n:u64', { n: -1 }, /CALL\.n/],
      ['n:u64', { n: 2n ** 64n }, /CALL\.n/],
      ['n:i64', { n: 2 ** 63 }, /CALL\.n/],
      ['n:i64', { n: -(2n ** 63n) - 1n }, /CALL\.n/],
      ['name:str', { name: 5 }, /CALL\.name must be a string; it is 5/],
      ['name:str', { name: 'a\0b' }, /without NUL/],
      ['dom:domain', { dom: { name: 'vm', uuid: '123' } }, /CALL\.dom\.uuid must be a UUID/],
      ['dom:domain', {}, /CALL\.dom must be an object/],
      ['doms:domain[]', { doms: [VM, { name: 1 }] }, /CALL\.doms\[\]\.name/],
      ['params:param[]', { params: [{ field: 'x', type: 'u128', value: 1 }] }, /CALL\.params\[\]\.type/],
      ['map:bytes', { map: 'text' }, /CALL\.map must be bytes/],
      ['names:str[]', { names: 'text' }, /CALL\.names must be an array/],
    ];
    for (const [layout, value, message] of refused) {
      assert.throws(() => encode(layout, value), { code: 'ARGUMENT_INVALID', message }, `${layout} ${message}`);
    }
  });

  it('refuse strings that the daemon would, by their bytes', () => {
    assert.throws(() => encode('xml:str', { xml: 'ä'.repeat(2_097_153) }), { code: 'ARGUMENT_INVALID' });
    assert.equal(encode('xml:str', { xml: 'ä'.repeat(2_097_152) }).length, 4_194_308);
  });

  it('never repeat a text in an error: it may be a password', () => {
    const { encode: encodePassword } = procedure('DOMAIN_SET_USER_PASSWORD');
    const args = { dom: VM, user: 'root', password: 'secret\0' };
    assert.throws(
      () => encodePassword(new XdrWriter(), args),
      (error: Error) => /password/.test(error.message) && !/secret/.test(error.message),
    );
  });
});
