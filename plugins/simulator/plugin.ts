import { installedDrivers } from '../../lib/drivers/registry.ts';
import { simulatorDriver } from './driver.ts';

export default function simulatorPlugin(): void {
  installedDrivers.register(simulatorDriver);
}
