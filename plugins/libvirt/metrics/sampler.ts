import type { MetricTier } from '../../../lib/drivers/driver.ts';
import type { StoragePool } from '../../../lib/model/objects.ts';
import type { Reading } from '../../../lib/model/reading.ts';
import { isActive } from '../inventory/domain-record.ts';
import type { Session } from '../session.ts';
import { domainReadings, groupsOfTier, offReading, vmRef } from './domain-readings.ts';
import { DomainStatistics } from './domain-statistics.ts';
import { GuestAgents } from './guest-agents.ts';
import { readHostFigures, readStorageFigures } from './host-readings.ts';

/** Reads the figures of a host and what runs on it. */
export class Sampler {
  readonly #session: Session;
  readonly #statistics: DomainStatistics;
  readonly #agents: GuestAgents;

  constructor(session: Session) {
    this.#session = session;
    this.#statistics = new DomainStatistics(session);
    this.#agents = new GuestAgents(session);
  }

  /** @throws LibvirtError, RpcError, the signal's reason */
  async sample(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<readonly Reading[]> {
    const { daemon, host } = this.#session;
    const parts = await Promise.all([
      this.#domains(tiers, signal),
      tiers.has('host') ? readHostFigures(daemon, host, this.#running(), { signal }) : [],
      tiers.has('filesystem') ? this.#fileSystems(signal) : [],
      tiers.has('storage') ? readStorageFigures(daemon, host, this.#pools(), { signal }) : [],
    ]);
    return parts.flat();
  }

  async #domains(tiers: ReadonlySet<MetricTier>, signal: AbortSignal): Promise<Reading[]> {
    const groups = [...tiers].reduce((sum, tier) => sum | (groupsOfTier[tier] ?? 0), 0);
    if (groups === 0) return [];
    const { domains, host } = this.#session;
    const rows = await this.#statistics.read(groups, signal);
    const at = Date.now();
    const readings: Reading[] = [];
    for (const row of rows) {
      const record = domains.get(row.domain.uuid);
      const object = vmRef(host.connection, row.domain.uuid);
      if (record) readings.push(...domainReadings(row, record, { object, host: host.name, at }, tiers));
    }
    if (!tiers.has('state')) return readings;
    for (const record of domains.records()) {
      if (isActive(record.power)) continue;
      const object = vmRef(host.connection, record.definition.uuid);
      readings.push(offReading(record, { object, host: host.name, at }));
    }
    return readings;
  }

  async #fileSystems(signal: AbortSignal): Promise<Reading[]> {
    const { connection, name: host } = this.#session.host;
    const told = await this.#agents.read(signal);
    const at = Date.now();
    return told.flatMap(({ record: { definition }, fileSystems }) =>
      fileSystems.map(({ mountpoint, disk, capacityBytes, usedBytes }) => ({
        measurement: 'vm_filesystem',
        object: vmRef(connection, definition.uuid),
        name: definition.name,
        host,
        part: mountpoint,
        ...(disk !== undefined && { disk }),
        at,
        gauges: { capacity_bytes: capacityBytes, used_bytes: usedBytes },
        counters: {},
      })),
    );
  }

  #running(): number {
    return [...this.#session.domains.records()].filter(({ power }) => power === 'running').length;
  }

  #pools(): StoragePool[] {
    return [...this.#session.pools.records()];
  }
}
