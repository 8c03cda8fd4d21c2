import {
  type Arguments,
  type HostCallOptions,
  LibvirtCode,
  LibvirtError,
  type ProcedureName,
  type Reply,
} from './rpc/index.ts';

/** Whoever makes calls of the wire protocol. */
export interface Caller {
  call<P extends ProcedureName>(name: P, args: Arguments<P>, options?: HostCallOptions): Promise<Reply<P>>;
}

/** The answer, or undefined when the object is not there (any more). */
export function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(answer, [LibvirtCode.NO_DOMAIN, LibvirtCode.NO_NETWORK, LibvirtCode.NO_STORAGE_POOL]);
}

/** The answer, or undefined when the hypervisor does not offer the call, or not for this object. */
export function ifSupported<T>(answer: Promise<T>): Promise<T | undefined> {
  const { NO_SUPPORT, ARGUMENT_UNSUPPORTED, OPERATION_UNSUPPORTED, INVALID_ARG } = LibvirtCode;
  return unless(answer, [NO_SUPPORT, ARGUMENT_UNSUPPORTED, OPERATION_UNSUPPORTED, INVALID_ARG]);
}

/** The subscription, or undefined when the daemon is too old for this kind of event, or its hypervisor raises none. */
export async function ifEventKnown<T>(subscription: Promise<T>): Promise<T | undefined> {
  try {
    return await ifSupported(subscription);
  } catch (error) {
    if (error instanceof LibvirtError && error.message.includes('unsupported event ID')) return undefined;
    throw error;
  }
}

async function unless<T>(answer: Promise<T>, codes: readonly number[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof LibvirtError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

/**
 * Does something for each item, so many at a time: thousands of questions neither flood the daemon nor keep the event
 * loop from what else is to be done.
 */
export async function inBatches<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += batchSize) {
    results.push(...(await Promise.all(items.slice(start, start + batchSize).map(act))));
  }
  return results;
}

const batchSize = 64;
