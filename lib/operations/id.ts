import { randomBytes } from 'node:crypto';

const counterLimit = 0x1000;
let latestMs = 0;
let counter = 0;

/**
 * UUID version 7 (RFC 9562, section 6.2, method 1): milliseconds, a counter, then chance. Ids of one process sort in
 * the order they were made, even when the wall clock goes back.
 */
export function operationId(): string {
  advance(Date.now());
  const time = latestMs.toString(16).padStart(12, '0');
  const random = randomBytes(8);
  random[0] = (random.readUInt8(0) & 0x3f) | 0x80;
  const tail = random.toString('hex');
  const order = counter.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

function advance(now: number): void {
  if (now > latestMs) {
    latestMs = now;
    counter = randomBytes(2).readUInt16BE(0) % (counterLimit / 2);
    return;
  }
  counter += 1;
  if (counter < counterLimit) return;
  latestMs += 1;
  counter = 0;
}
