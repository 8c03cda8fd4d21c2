/** Alerts as virtflow's REST tells them; see lib/api/alert-view.ts. */

type AlertSeverity = 'critical' | 'warning' | 'info';

interface AlertWhy {
  readonly says: string;
  readonly samples?: readonly { readonly at: number; readonly value: number }[];
  readonly [key: string]: unknown;
}

interface AlertSummary {
  id: string;
  rule: string;
  ruleName: string;
  name: string;
  object: { connection: string; kind: string; id: string } | null;
  node: string;
  connection: string;
  state: 'firing' | 'no-data' | 'error' | 'resolved' | 'gone' | 'withdrawn';
  severity: AlertSeverity;
  since: number;
  endedAt: number | null;
  value: number | null;
  why: AlertWhy;
  acknowledged: { by: string; at: number; comment: string } | null;
  silenced: { id: string; by: string; until: number } | null;
  affected: { name: string }[];
  ongoing: boolean;
  suppressed: { by: 'silence' | 'inhibition' | 'maintenance' | 'quiet-hours'; says?: string } | null;
  incident: string;
}

interface AlertDetail extends AlertSummary {
  above: { node: string; kind: string; name: string }[];
  history: { at: number; what: string; says: string }[];
  routes: { taken: string[]; passed: string[] };
}

interface AlertNotification {
  id: string;
  kind: string;
  contact: string;
  at: number;
  state: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  endedAt: number | null;
  says: string;
}

interface AlertSilence {
  id: string;
  matcher: Record<string, string | string[]>;
  comment: string;
  by: string;
  startsAt: number;
  until: number;
}

interface AlertContact {
  name: string;
  type: string;
  last: { state: string; at: number; says: string } | null;
}

interface AlertFilter {
  text: string;
  severities: AlertSeverity[];
  over: boolean;
  quiet: boolean;
}

type AlertEntry =
  | { kind: 'heading'; key: string; text: string }
  | { kind: 'alert'; key: string; alert: AlertSummary; level: number; isOpen?: boolean; members: number }
  | { kind: 'note'; key: string; text: string; action?: { text: string; run(): void } };
