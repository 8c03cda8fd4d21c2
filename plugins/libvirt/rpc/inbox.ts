import { FrameReader, type Header } from './frame.ts';
import type { Receiver } from './transport.ts';
import type { XdrReader } from './xdr-reader.ts';

/** Whom an inbox tells. */
export interface InboxListener {
  /** Something arrived, be it a part of a frame. */
  heard(): void;
  frame(header: Readonly<Header>, payload: XdrReader): void;
  drained(): void;
  /** Bytes that are no frame, told as they come: PROTOCOL_VIOLATION. */
  garbage(error: unknown): void;
  closed(error: Error | undefined): void;
}

/** The receiving end of a transport: bytes in, frames out. It is there before the transport, its listener after. */
export class Inbox implements Receiver {
  listener: InboxListener | undefined;
  readonly #frames = new FrameReader((header, payload) => this.listener?.frame(header, payload));

  space(): Buffer {
    return this.#frames.space();
  }

  received(count: number): void {
    this.listener?.heard();
    try {
      this.#frames.received(count);
    } catch (error) {
      this.stop();
      this.listener?.garbage(error);
    }
  }

  /** Hands nothing on from here. */
  stop(): void {
    this.#frames.stop();
  }

  drained(): void {
    this.listener?.drained();
  }

  closed(error: Error | undefined): void {
    this.listener?.closed(error);
  }
}
