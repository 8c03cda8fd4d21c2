/** Numbers of libvirt's RPC protocol, version 1 of every program (libvirt.org/kbase/internals/rpc.html). */
export const Program = { remote: 0x20008086, qemu: 0x20008087, keepalive: 0x6b656570 } as const;

export const MessageType = {
  call: 0,
  reply: 1,
  /** An event; its serial is 0. */
  message: 2,
  stream: 3,
  streamHole: 6,
} as const;

/** `continue` stands in stream packets only. */
export const Status = { ok: 0, error: 1, continue: 2 } as const;

export const KEEPALIVE_PING = 1;
export const KEEPALIVE_PONG = 2;

/** Length word and header, in bytes. */
export const HEADER_BYTES = 28;

/** Largest frame, in bytes, its length word included; the daemon resets the connection on a larger one. */
export const MAX_FRAME_BYTES = 4 + 33_554_432;

/** Largest string, in bytes; a longer one makes the daemon answer "Unable to decode message payload". */
export const MAX_STRING_BYTES = 4_194_304;

/** Largest payload of a stream packet, in bytes. */
export const MAX_STREAM_BYTES = 262_120;

/** The daemon works on so many requests of one connection and then stops reading from it, our PING included. */
export const DAEMON_REQUESTS = 5;

/** Features to ask a daemon for with CONNECT_SUPPORTS_FEATURE. */
export const Feature = { keepalive: 10, eventCallbacks: 14, closeCallback: 15 } as const;
