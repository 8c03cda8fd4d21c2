/** Builds libvirt's frames byte by byte, with nothing of the client that they are to test. */

export interface FrameHead {
  readonly program?: number;
  readonly version?: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial?: number;
  readonly status?: number;
}

export const REMOTE = 0x20008086;
export const KEEPALIVE = 0x6b656570;
export const [CALL, REPLY, MESSAGE, STREAM, HOLE] = [0, 1, 2, 3, 6] as const;
export const [OK, ERROR, CONTINUE] = [0, 1, 2] as const;

export function frame(head: FrameHead, ...payload: readonly Uint8Array[]): Buffer {
  const { program = REMOTE, version = 1, procedure, type, serial = 0, status = OK } = head;
  const body = Buffer.concat(payload);
  return Buffer.concat([words(28 + body.length, program, version, procedure, type, serial, status), body]);
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value >>> 0, i * 4);
  });
  return bytes;
}

export function hyper(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}

export function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([words(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

export function uuid(value: string): Buffer {
  return Buffer.from(value.replaceAll('-', ''), 'hex');
}

export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly id: number;
}

export const VM: Domain = { name: 'vm', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: 7 };

export function domain({ name, uuid: id, id: number } = VM): Buffer {
  return Buffer.concat([text(name), uuid(id), words(number)]);
}

/** An error struct with a message and none of the optional parts. */
export function error(code: number, message: string, from = 0): Buffer {
  return Buffer.concat([words(code, from, 1), text(message), words(2, 0, 0, 0, 0, -1, -1, 0)]);
}

/** A typed parameter: its key, type number and encoded value. */
export function parameter(key: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), words(type), value]);
}
