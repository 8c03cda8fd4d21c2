import { compileDecoder } from './decoder.ts';
import { LibvirtError } from './errors.ts';
import type { Output } from './layout.ts';
import type { XdrReader } from './xdr-reader.ts';

const LAYOUT =
  'code:i32 domain:i32 message:str? level:i32 dom:domain? str1:str? str2:str? str3:str? int1:i32 int2:i32 net:network?';

const decode = compileDecoder(LAYOUT) as (reader: XdrReader) => Output<typeof LAYOUT>;

/** Reads what the daemon sends in the place of a reply, or to end a stream. */
export function readError(procedure: string, payload: XdrReader): LibvirtError {
  return new LibvirtError(procedure, decode(payload));
}
