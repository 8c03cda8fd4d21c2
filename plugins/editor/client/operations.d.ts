/** Operations as virtflow's REST tells them; see lib/api/operation-view.ts. */
type OperationState =
  | 'queued'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'partial'
  | 'cancelled'
  | 'interrupted'
  | 'planned'
  | 'refused';

interface OperationTarget {
  connection: string;
  kind: string;
  id?: string;
}

interface OperationOrigin {
  through: string;
  principal: string;
  flow?: string;
  node?: string;
  run?: string;
}

interface OperationSummary {
  id: string;
  action: string;
  target: OperationTarget;
  targetName: string;
  mode?: 'run' | 'plan';
  state: OperationState;
  progress: number;
  step: string | null;
  origin: OperationOrigin;
  parent?: string;
  undoes?: string;
  retries?: string;
  quiet?: boolean;
  members?: number;
  waits?: string;
  cancellable?: boolean;
  queuedAt: number;
  startedAt: number | null;
  endedAt: number | null;
  result: Record<string, unknown> | null;
  error: OperationError | null;
}

interface OperationError {
  code: string;
  message: string;
  advice: string;
}

interface OperationCall {
  name: string;
  at: number;
  tookMs: number;
  error?: string;
  abandoned?: boolean;
}

interface OperationDetail extends OperationSummary {
  parameters: Record<string, unknown>;
  touches: (Required<OperationTarget> & { name?: string })[];
  group?: { title: string; order: string; onError: string; limit?: number };
  takingBack: { possible: boolean; because?: string };
  timeoutSeconds: number;
  calls: OperationCall[];
  changes?: { what: string; before: string | null; after: string | null }[];
  why: { rule: string; says: string }[];
}

interface OperationPage {
  items: OperationSummary[];
  next: string | null;
}

interface OperationFilter {
  text: string;
  states: OperationState[];
  action: string;
  connection: string;
  object: { ref: string; name: string } | null;
  scope: 'all' | 'flow' | 'node';
  range: '' | '1h' | '24h' | '7d' | 'custom';
  from: string;
  to: string;
  mine: boolean;
  plans: boolean;
  quiet: boolean;
}

/** What stands on the canvas right now, where a filter goes by it. */
interface CanvasPlace {
  flow: string;
  flowName: string;
  node: string;
  nodeName: string;
}

type ListEntry =
  | { kind: 'heading'; key: string; text: string }
  | { kind: 'operation'; key: string; operation: OperationSummary; level: number; isOpen?: boolean; place?: number }
  | { kind: 'note'; key: string; text: string; action?: { text: string; run(): void } };

/** A refusal of REST: RFC 9457, with what virtflow adds; `status` 0 where nobody answered. */
interface RestProblem extends Problem {
  status: number;
}
