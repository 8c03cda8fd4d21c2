import type { ErrorTexts } from './error-texts.ts';

/** Dashboards. */
export const dashboards = {
  DASHBOARD_INVALID: {
    message: 'The dashboard file {file} cannot be used: {reason}.',
    advice: 'Mend it, or export it from Grafana once more ("Export as JSON", classic model), and put it in its place.',
  },
  DASHBOARD_UNKNOWN: {
    message: 'There is no dashboard with the uid "{uid}".',
    advice: 'GET /virtflow/v1/dashboards lists those that there are, and the files that cannot be used.',
  },
} as const satisfies ErrorTexts;
