/** Fields of VMs that somebody would look at, each drawn for the VMs of one host. */
const fields = [
  ['vm', 'cpu_ratio', 'percentunit'],
  ['vm', 'memory_used_ratio', 'percentunit'],
  ['vm_disk', 'write_bytes_per_second', 'Bps'],
  ['vm_disk', 'read_latency_seconds', 's'],
  ['vm_nic', 'receive_bytes_per_second', 'Bps'],
] as const;

/** A dashboard of fifty panels, as Grafana would have it: five figures of all VMs of each of ten hosts. */
export function fiftyPanels(hosts: readonly string[]): object {
  const panels = hosts.flatMap((host, row) =>
    fields.map((field, column) => panelOf(row * fields.length + column, host, field)),
  );
  return { uid: 'fifty', title: 'Fifty panels', schemaVersion: 39, panels, templating: { list: [] } };
}

function panelOf(place: number, host: string, [measurement, field, unit]: (typeof fields)[number]): object {
  return {
    id: place + 1,
    type: types[place % types.length],
    title: `${field} on ${host}`,
    gridPos: { x: (place % 6) * 4, y: Math.floor(place / 6) * 5, w: 4, h: 5 },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: [
      {
        refId: 'A',
        measurement,
        select: [[{ type: 'field', params: [field] }, { type: 'mean' }]],
        groupBy: [
          { type: 'time', params: ['$__interval'] },
          { type: 'tag', params: ['name'] },
          { type: 'fill', params: ['none'] },
        ],
        tags: [{ key: 'host', operator: '=', value: host }],
        alias: '$tag_name',
      },
    ],
  };
}

/** Mostly lines, as dashboards are. */
const types = ['timeseries', 'timeseries', 'timeseries', 'stat', 'timeseries', 'heatmap', 'timeseries', 'bargauge'];
