import {
  type Arguments,
  type Message,
  type MessageName,
  message,
  type ProcedureName,
  type Reply,
} from './procedure.ts';

/**
 * Every kind of event: the message that brings it, and its number when it is registered (virDomainEventID and its
 * siblings); of QEMU's own events, its name. Only the registrations that libvirt answers with a callback id are used, so the older messages 107-292
 * never come.
 */
export const EVENTS = {
  'domain.lifecycle': ['DOMAIN_EVENT_CALLBACK_LIFECYCLE', 0],
  'domain.reboot': ['DOMAIN_EVENT_CALLBACK_REBOOT', 1],
  'domain.rtcChange': ['DOMAIN_EVENT_CALLBACK_RTC_CHANGE', 2],
  'domain.watchdog': ['DOMAIN_EVENT_CALLBACK_WATCHDOG', 3],
  'domain.ioError': ['DOMAIN_EVENT_CALLBACK_IO_ERROR', 4],
  'domain.graphics': ['DOMAIN_EVENT_CALLBACK_GRAPHICS', 5],
  'domain.ioErrorReason': ['DOMAIN_EVENT_CALLBACK_IO_ERROR_REASON', 6],
  'domain.controlError': ['DOMAIN_EVENT_CALLBACK_CONTROL_ERROR', 7],
  'domain.blockJob': ['DOMAIN_EVENT_CALLBACK_BLOCK_JOB', 8],
  'domain.diskChange': ['DOMAIN_EVENT_CALLBACK_DISK_CHANGE', 9],
  'domain.trayChange': ['DOMAIN_EVENT_CALLBACK_TRAY_CHANGE', 10],
  'domain.pmWakeup': ['DOMAIN_EVENT_CALLBACK_PMWAKEUP', 11],
  'domain.pmSuspend': ['DOMAIN_EVENT_CALLBACK_PMSUSPEND', 12],
  'domain.balloonChange': ['DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE', 13],
  'domain.pmSuspendDisk': ['DOMAIN_EVENT_CALLBACK_PMSUSPEND_DISK', 14],
  'domain.deviceRemoved': ['DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED', 15],
  'domain.blockJob2': ['DOMAIN_EVENT_BLOCK_JOB_2', 16],
  'domain.tunable': ['DOMAIN_EVENT_CALLBACK_TUNABLE', 17],
  'domain.agentLifecycle': ['DOMAIN_EVENT_CALLBACK_AGENT_LIFECYCLE', 18],
  'domain.deviceAdded': ['DOMAIN_EVENT_CALLBACK_DEVICE_ADDED', 19],
  'domain.migrationIteration': ['DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION', 20],
  'domain.jobCompleted': ['DOMAIN_EVENT_CALLBACK_JOB_COMPLETED', 21],
  'domain.deviceRemovalFailed': ['DOMAIN_EVENT_CALLBACK_DEVICE_REMOVAL_FAILED', 22],
  'domain.metadataChange': ['DOMAIN_EVENT_CALLBACK_METADATA_CHANGE', 23],
  'domain.blockThreshold': ['DOMAIN_EVENT_BLOCK_THRESHOLD', 24],
  'domain.memoryFailure': ['DOMAIN_EVENT_MEMORY_FAILURE', 25],
  'domain.memoryDeviceSizeChange': ['DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE', 26],
  'domain.nicMacChange': ['DOMAIN_EVENT_NIC_MAC_CHANGE', 27],
  'network.lifecycle': ['NETWORK_EVENT_LIFECYCLE', 0],
  'network.metadataChange': ['NETWORK_EVENT_CALLBACK_METADATA_CHANGE', 1],
  'pool.lifecycle': ['STORAGE_POOL_EVENT_LIFECYCLE', 0],
  'pool.refresh': ['STORAGE_POOL_EVENT_REFRESH', 1],
  'device.lifecycle': ['NODE_DEVICE_EVENT_LIFECYCLE', 0],
  'device.update': ['NODE_DEVICE_EVENT_UPDATE', 1],
  'secret.lifecycle': ['SECRET_EVENT_LIFECYCLE', 0],
  'secret.valueChanged': ['SECRET_EVENT_VALUE_CHANGED', 1],
  'monitor.jobStatusChange': ['QEMU_DOMAIN_MONITOR_EVENT', 'JOB_STATUS_CHANGE'],
} as const satisfies Record<string, readonly [MessageName, number | string]>;

export type EventKind = keyof typeof EVENTS;

/** What an event of a kind brings. */
export type EventOf<K extends EventKind> = Reply<(typeof EVENTS)[K][0]>;

/** How a kind of object's events are registered; `object` names the argument that narrows them to one. */
export const REGISTRATIONS = {
  domain: {
    register: 'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
    deregister: 'CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY',
    object: 'dom',
  },
  network: {
    register: 'CONNECT_NETWORK_EVENT_REGISTER_ANY',
    deregister: 'CONNECT_NETWORK_EVENT_DEREGISTER_ANY',
    object: 'net',
  },
  pool: {
    register: 'CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY',
    deregister: 'CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY',
    object: 'pool',
  },
  device: {
    register: 'CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY',
    deregister: 'CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY',
    object: 'dev',
  },
  secret: {
    register: 'CONNECT_SECRET_EVENT_REGISTER_ANY',
    deregister: 'CONNECT_SECRET_EVENT_DEREGISTER_ANY',
    object: 'secret',
  },
  monitor: {
    register: 'QEMU_CONNECT_DOMAIN_MONITOR_EVENT_REGISTER',
    deregister: 'QEMU_CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER',
    object: 'dom',
  },
} as const satisfies Record<string, { register: ProcedureName; deregister: ProcedureName; object: string }>;

type Family = keyof typeof REGISTRATIONS;
type RegistrationOf<K extends string> = K extends `${infer F extends Family}.${string}`
  ? (typeof REGISTRATIONS)[F]
  : never;

/** The handle that narrows a kind of events to one object. */
export type ObjectOf<K extends EventKind> = ObjectArgument<RegistrationOf<K>>;
type ObjectArgument<R> = R extends { register: infer P extends ProcedureName; object: infer O }
  ? NonNullable<Arguments<P>[O & keyof Arguments<P>]>
  : never;

/** The registration that a kind of event belongs to. */
export function registrationOf(kind: EventKind): (typeof REGISTRATIONS)[Family] {
  return REGISTRATIONS[kind.slice(0, kind.indexOf('.')) as Family];
}

/** Names a kind of event in its registration. */
export function namingOf(
  kind: EventKind,
): { readonly eventID: number } | { readonly event: string; readonly flags: 0 } {
  const event = EVENTS[kind][1];
  return typeof event === 'number' ? { eventID: event } : { event, flags: 0 };
}

/** The message that brings a kind of event. */
export function messageOf(kind: EventKind): Message {
  return message(EVENTS[kind][0]);
}
