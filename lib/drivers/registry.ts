import { VirtflowError } from '../model/errors.ts';
import type { Driver } from './driver.ts';

/** The drivers that plugins brought, by id. */
export class DriverRegistry {
  readonly #drivers = new Map<string, Driver>();

  register(driver: Driver): void {
    this.#drivers.set(driver.id, driver);
  }

  list(): readonly Driver[] {
    return [...this.#drivers.values()];
  }

  /** @throws CONNECTION_SETTINGS_INVALID */
  get(id: string, connection: string): Driver {
    const driver = this.#drivers.get(id);
    if (driver) return driver;
    const known = [...this.#drivers.keys()].join(', ');
    throw new VirtflowError('CONNECTION_SETTINGS_INVALID', {
      connection,
      reason: `there is no driver "${id}"`,
      hint: `Drivers that exist: ${known}.`,
    });
  }
}

/** The drivers of this installation: each plugin registers its own when it is loaded. */
export const installedDrivers = new DriverRegistry();
