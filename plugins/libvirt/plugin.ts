import { installedDrivers } from '../../lib/drivers/registry.ts';
import { libvirtDriver } from './driver.ts';

export default function libvirtPlugin(): void {
  installedDrivers.register(libvirtDriver);
}
