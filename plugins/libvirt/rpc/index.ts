/** libvirt's RPC client: what the driver uses of it. */

export type { OpenStream } from './connection.ts';
export { LibvirtCode, LibvirtError, RpcError, type RpcErrorCode } from './errors.ts';
export type { EventKind, EventOf } from './events.ts';
export { type HostCallOptions, type HostOptions, type LaneName, LibvirtHost, type StatisticsQuery } from './host.ts';
export type { DomainHandle, TypedParameter, TypedParameterInput } from './layout.ts';
export type { CallOptions } from './pending-call.ts';
export type { Arguments, ProcedureName, Reply } from './procedure.ts';
export {
  Statistics,
  StatisticsFlag,
  StatisticsGroup,
  type StatisticsLayout,
  type StatisticsRecord,
} from './statistics.ts';
export type { Hole, RpcStream, StreamChunk } from './stream.ts';
export type { SubscribeOptions, Subscription } from './subscriptions.ts';
export {
  downloadVolume,
  type Screenshot,
  screenshot,
  type TransferOptions,
  uploadVolume,
  type VolumeHandle,
} from './transfers.ts';
export type { Address } from './transport.ts';
