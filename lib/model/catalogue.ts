import { access } from './catalogue/access.ts';
import { actions } from './catalogue/actions.ts';
import { alerts } from './catalogue/alerts.ts';
import { approvals } from './catalogue/approvals.ts';
import { calendar } from './catalogue/calendar.ts';
import { connections } from './catalogue/connections.ts';
import { dashboards } from './catalogue/dashboards.ts';
import type { ErrorTexts } from './catalogue/error-texts.ts';
import { governor } from './catalogue/governor.ts';
import { hypervisors } from './catalogue/hypervisors.ts';
import { metrics } from './catalogue/metrics.ts';
import { mqtt } from './catalogue/mqtt.ts';
import { operations } from './catalogue/operations.ts';
import { platform } from './catalogue/platform.ts';
import { requests } from './catalogue/requests.ts';
import { rules } from './catalogue/rules.ts';
import { secrets } from './catalogue/secrets.ts';
import { targets } from './catalogue/targets.ts';

/** Every error that a user can see, by its stable code: what happened, and what to do. */
export const catalogue = {
  ...targets,
  ...connections,
  ...actions,
  ...operations,
  ...hypervisors,
  ...calendar,
  ...rules,
  ...metrics,
  ...dashboards,
  ...mqtt,
  ...requests,
  ...governor,
  ...access,
  ...alerts,
  ...approvals,
  ...secrets,
  ...platform,
} satisfies ErrorTexts;

export type ErrorCode = keyof typeof catalogue;
