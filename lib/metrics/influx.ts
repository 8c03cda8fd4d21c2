import type { Reveal } from '../secrets/reference.ts';
import { InfluxClient, type InfluxSettings } from './influx-client.ts';
import { Sink, type SinkOptions } from './sink.ts';

export type { InfluxSettings } from './influx-client.ts';
export type { SinkState } from './sink.ts';

export interface InfluxSinkOptions extends SinkOptions {
  /** Reads a password that is a reference. */
  readonly reveal?: Reveal;
}

/** Writes samples to InfluxDB. */
export class InfluxSink extends Sink {
  /** @throws CONNECTION_SETTINGS_INVALID, SECRET_* */
  constructor(settings: InfluxSettings, options: InfluxSinkOptions) {
    const open = () => new InfluxClient(settings, options.reveal);
    open().close();
    super(settings.name, open, options);
  }
}
