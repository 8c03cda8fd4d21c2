const thresholds = {
  mode: 'absolute',
  steps: [
    { color: 'green', value: null },
    { color: 'red', value: 0.8 },
  ],
};
const onHost = [{ key: 'host', operator: '=~', value: '/^$host$/' }];
const ofVm = [{ key: 'name', operator: '=~', value: '/^$vm$/' }];

/** A dashboard of one's own that uses what Grafana's files may: repeats, variables of all kinds, links, odd options. */
export const everything = {
  uid: 'everything',
  title: 'Everything',
  schemaVersion: 39,
  graphTooltip: 1,
  time: { from: 'now/d', to: 'now' },
  refresh: '10s',
  templating: {
    list: [
      { name: 'DS', type: 'datasource', query: 'influxdb' },
      { name: 'kept', type: 'constant', query: 'always' },
      { name: 'word', label: 'Word', type: 'textbox', query: 'hello' },
      { name: 'top', label: 'Top', type: 'custom', query: 'Few : 2, Many : 9', current: { value: '2' } },
      variable('host', 'SHOW TAG VALUES FROM "vm" WITH KEY = "host"'),
      variable('vm', 'SHOW TAG VALUES FROM "vm" WITH KEY = "name" WHERE "host" =~ /^$host$/'),
    ],
  },
  annotations: {
    list: [
      { builtIn: 1, name: 'Annotations & Alerts', hide: true },
      { name: 'Operations', enable: true, iconColor: 'blue', query: marks('operation', '"count", "action", "name"') },
      { name: 'Alerts', enable: false, iconColor: 'red', query: marks('alert', '"count", "rule", "name"') },
    ],
  },
  links: [{ type: 'link', title: 'Elsewhere', url: 'https://example.org/?word=${word}' }],
  panels: [
    panel(1, 'text', 'Plain', [0, 0, 8, 4], [], {
      options: {
        mode: 'html',
        content: '<p>Said: <b>${word}</b><script>alert(1)</script><img src=x onerror=alert(2)></p>',
      },
    }),
    panel(2, 'stat', 'Top $top', [8, 0, 8, 4], [figure('vm', 'cpu_ratio', ['name'])], {
      fieldConfig: { defaults: { unit: 'percentunit', links: [link('/d/virtflow-vm?var-vm=${__field.labels.name}')] } },
    }),
    panel(3, 'bargauge', 'Bars', [16, 0, 8, 4], [figure('vm', 'cpu_ratio', ['name'])], {
      fieldConfig: { defaults: { color: { mode: 'continuous-GrYlRd' }, min: 0, max: 1 } },
    }),
    panel(4, 'timeseries', 'CPU of ${host}', [0, 4, 24, 6], [figure('vm', 'cpu_ratio', ['name'], onHost)], {
      repeat: 'host',
      maxPerRow: 2,
      fieldConfig: {
        defaults: { unit: 'percentunit', thresholds, custom: { thresholdsStyle: { mode: 'area' } }, links: [vmLink()] },
      },
    }),
    panel(5, 'state-timeline', 'States', [0, 10, 12, 6], [figure('vm', 'state', ['name'])]),
    panel(6, 'timeseries', 'Stacked', [12, 10, 12, 6], [figure('vm', 'memory_used_bytes', ['name'])], {
      fieldConfig: { defaults: { unit: 'bytes', custom: { stacking: { mode: 'percent' }, fillOpacity: 40 } } },
    }),
    panel(13, 'timeseries', 'On the right', [12, 10, 12, 6], [figure('vm', 'cpu_ratio', ['name'])], {
      fieldConfig: {
        defaults: {
          displayName: '${__field.name}',
          unit: 'percentunit',
          custom: { axisPlacement: 'right', stacking: { mode: 'normal' } },
        },
      },
    }),
    { id: 7, type: 'row', title: 'VM $vm', repeat: 'vm', collapsed: false, gridPos: { x: 0, y: 16, w: 24, h: 1 } },
    panel(8, 'gauge', 'CPU', [0, 17, 6, 4], [figure('vm', 'cpu_ratio', [], ofVm)]),
    panel(9, 'timeseries', 'Disk', [6, 17, 18, 4], [figure('vm_disk', 'write_bytes_per_second', [], ofVm)], {
      fieldConfig: { defaults: { unit: 'Bps', custom: { scaleDistribution: { type: 'log', log: 10 } } } },
    }),
    {
      id: 10,
      type: 'row',
      title: 'Closed',
      collapsed: true,
      gridPos: { x: 0, y: 21, w: 24, h: 1 },
      panels: [panel(11, 'heatmap', 'Inside', [0, 22, 12, 6], [figure('vm', 'cpu_ratio', ['name'])])],
    },
    panel(14, 'gauge', 'Changes', [0, 10, 12, 4], [figure('vm', 'cpu_ratio', [])], {
      options: { reduceOptions: { calcs: ['changeCount'] } },
    }),
    panel(12, 'geomap', 'A map', [0, 15, 12, 3], []),
  ],
};

function variable(name: string, query: string) {
  return { name, label: name, type: 'query', query, multi: true, includeAll: true, current: { value: '$__all' } };
}

function marks(measurement: string, fields: string) {
  return `SELECT ${fields} FROM "${measurement}" WHERE $timeFilter`;
}

function link(url: string) {
  return { title: 'Show the VM', url };
}

function vmLink() {
  return link('/d/virtflow-vm?var-vm=${__field.labels.name}&${__url_time_range}');
}

function panel(id: number, type: string, title: string, place: number[], targets: object[], more: object = {}) {
  const [x, y, w, h] = place;
  return { id, type, title, gridPos: { x, y, w, h }, targets, ...more };
}

function figure(measurement: string, field: string, tags: string[], where: object[] = []) {
  return {
    refId: 'A',
    measurement,
    select: [[{ type: 'field', params: [field] }, { type: 'mean' }]],
    groupBy: [
      { type: 'time', params: ['$__interval'] },
      ...tags.map((tag) => ({ type: 'tag', params: [tag] })),
      { type: 'fill', params: ['none'] },
    ],
    tags: where,
    alias: tags.length > 0 ? '$tag_name' : field,
  };
}
