import type { ErrorTexts } from './error-texts.ts';

/** Metrics: the store, queries, and the servers that samples go to. */
export const metrics = {
  SERVER_UNREACHABLE: {
    message: '{server} at {address} cannot be reached: {reason}.',
    advice: 'Check the address, that the server runs there, and that a firewall lets you through.',
  },
  SERVER_DENIED: {
    message: '{server} at {address} refused us: {reason}.',
    advice: 'Check database, user and password.',
  },
  SINK_UNREACHABLE: {
    message: '{sink} at {address} cannot be reached: {reason}.',
    advice: 'Samples are kept on disk and sent when it is back; {waiting} wait now.',
  },
  SINK_REFUSED: {
    message: '{sink} at {address} refused the samples: {reason}.',
    advice: 'Check database, user and password; refused samples are kept aside in {file}.',
  },
  METRIC_QUERY_INVALID: {
    message: 'The metric query cannot be answered: {reason}.',
    advice:
      "A query is what Grafana's query builder for InfluxQL stores in a panel: measurement, select, groupBy, tags.",
  },
  METRIC_QUERY_TOO_LARGE: {
    message: 'The answer to the metric query would have more than {rows} rows.',
    advice: 'Ask for a longer interval, a shorter range, or fewer objects.',
  },
  METRIC_QUERY_MEMORY: {
    message: 'The metric query needs more memory than the store may take ({memory} MiB).',
    advice: 'Ask for a shorter range or fewer objects, or give the store more: store.memoryMiB in metrics.json.',
  },
  METRICS_SETTINGS_INVALID: {
    message: 'The settings of metrics cannot be used: {reason}.',
    advice: 'docs/metrics.md tells what metrics.json may hold.',
  },
  METRIC_ENGINE_MISSING: {
    message: '{engine} cannot be loaded: {reason}.',
    advice:
      'Install the optional package {package}, or set store.engine in metrics.json to influxdb; what is sampled waits on disk until then.',
  },
  METRIC_STORE_UNREACHABLE: {
    message: 'The metric store ({store}, {address}) does not answer: {reason}.',
    advice: 'Samples wait on disk meanwhile and none is lost. Ask again when it is back.',
  },
  BUFFER_FULL: {
    message: 'The buffer of {sink} is full ({size}): the oldest {dropped} samples were given up.',
    advice: 'Bring the server back, or give the buffer more room.',
  },
} as const satisfies ErrorTexts;
