/** What we use of Node-RED's editor; its published types are of an older release. */
declare const RED: {
  readonly nodes: {
    registerType(type: string, definition: object): void;
    node(id: string): EditorNode | null | undefined;
    eachNode(visit: (node: EditorNode) => void): void;
    /** A tab. */
    workspace(id: string): { label: string; disabled?: boolean; locked?: boolean } | undefined;
    filterNodes(filter: { type: string }): EditorNode[];
    getDownstreamNodes(node: EditorNode): EditorNode[];
    dirty(): boolean;
    dirty(isDirty: boolean): void;
    subflow(id: string): { name: string } | undefined;
  };
  readonly events: { on(event: string, listener: () => void): void; emit(event: string, about: unknown): void };
  readonly history: { push(event: object): void };
  readonly utils: { getNodeLabel(node: EditorNode, defaultLabel: string): string };
  readonly workspaces: { active(): string };
  readonly editor: {
    createEditor(options: { id: string; mode: string; value: string }): CodeEditor;
    edit(node: EditorNode): void;
    validateNode(node: EditorNode): void;
  };
  readonly comms: {
    subscribe(topic: string, listener: (topic: string, data: unknown) => void): void;
    unsubscribe(topic: string, listener: (topic: string, data: unknown) => void): void;
  };
  readonly i18n: { lang(): string };
  readonly tray: {
    show(options: {
      title: string;
      width: number;
      buttons: readonly object[];
      open(tray: { find(selector: string): { get(index: number): Element | undefined } }): void;
      close(): void;
    }): void;
    close(): void;
  };
  readonly actions: {
    add(name: string, run: (...args: unknown[]) => void, options?: { label: string }): void;
    get(name: string): (...args: unknown[]) => void;
    remove(name: string): void;
  };
  readonly menu: { addItem(menu: string, item: { id: string; label: string; onselect: string }): void };
  readonly user: { hasPermission(permission: string): boolean };
  readonly settings: { get(key: string): unknown; readonly user?: { readonly username?: string } };
  readonly view: {
    selection(): { nodes?: EditorNode[] };
    reveal(id: string, triggerHighlight?: boolean): void;
    redraw(): void;
    readonly annotations: { register(id: string, badge: CanvasBadge): void };
  };
  readonly clipboard: { copyText(text: string, beside: object, message: string): void };
  readonly keyboard: { add(scope: string, key: string, action: string): void };
  readonly plugins: { registerPlugin(id: string, plugin: { type?: string; onadd(): void }): void };
  readonly sidebar: {
    show(id: string): void;
    addTab(tab: {
      id: string;
      label: string;
      name: string;
      iconClass: string;
      content: HTMLElement;
      action?: string;
      enableOnEdit: boolean;
      onchange?: () => void;
    }): void;
  };
  notify(html: string | Element, options: NoticeOptions): { close(): void };
  _(key: string, values?: Record<string, unknown>): string;
};

/** A sign on nodes of the canvas. */
interface CanvasBadge {
  type: 'badge';
  class: string;
  element(node: EditorNode): Element;
  filter(node: EditorNode): boolean;
  show(node: EditorNode): boolean;
  tooltip(node: EditorNode): string;
}

interface NoticeOptions {
  type: string;
  id?: string;
  timeout?: number;
  modal?: boolean;
  fixed?: boolean;
  buttons: { text: string; class?: string; click: () => void }[];
}

interface ApprovalField {
  type: 'string' | 'boolean';
  title: string;
  description?: string;
  enum?: string[];
  const?: boolean;
  minLength?: number;
  maxLength?: number;
}

interface ApprovalForm {
  properties: Record<string, ApprovalField>;
  required?: string[];
}

interface ApprovalAnswer {
  by: string;
  decision: 'grant' | 'deny';
  round: number;
  comment: string;
  form: Record<string, string | boolean>;
}

/** As REST tells it. */
interface Approval {
  id: string;
  state: 'pending' | 'granted' | 'denied' | 'expired' | 'withdrawn';
  round: number;
  reason: string | null;
  subject: { type: 'operation'; action: string; targetName: string } | { type: 'message'; nodeName: string };
  asker: { principal: string; through: string };
  policy: string;
  text: string;
  quorum: number;
  granted: string[];
  lends: string | null;
  form: ApprovalForm | null;
  plan: { text: string } | null;
  blast: { lines: string[] } | null;
  answers: ApprovalAnswer[];
  expiresAt: number;
  endedAt: number | null;
  mayAnswer: boolean;
}

interface CodeEditor {
  getValue(): string;
  resize(): void;
  destroy(): void;
}

/** jQuery, for what only it does here: requests that carry the editor's token, and typedInput. */
declare const $: {
  (element: Element): Widgets;
  ajax(options: {
    method: string;
    url: string;
    data?: unknown;
    contentType?: string;
    timeout: number;
  }): PromiseLike<unknown>;
};

/** An element with what Node-RED hangs on it. */
interface Widgets {
  typedInput(options: { types: readonly string[]; typeField?: string; default?: string }): Widgets;
  typedInput(what: 'type' | 'value'): unknown;
  typedInput(what: 'type' | 'value', value: string): void;
  editableList(options: EditableList): Widgets;
  editableList(what: 'addItem', item: object): void;
  editableList(what: 'items'): { toArray(): HTMLElement[] };
  data(name: string): unknown;
  on(event: string, listener: () => void): void;
}

interface EditableList {
  height: string;
  sortable?: boolean;
  removable: boolean;
  addButton: string;
  addItem(container: ArrayLike<HTMLElement> & Iterable<HTMLElement>, index: number, item: object): void;
  removeItem?(item: object): void;
}

interface Condition {
  field: string;
  values: (string | boolean)[];
}

interface FieldDescription {
  kind: string;
  name: string;
  default: unknown;
  initial?: number;
  shared?: boolean;
  showIf?: Condition;
  required?: boolean;
  minimum?: number;
  maximum?: number;
  integer?: boolean;
  maxLength?: number;
  pattern?: string;
  nodeType?: string;
  options?: string[];
  types?: string[];
  modes?: TargetMode[];
  objects?: 'vm' | 'measured';
  language?: string;
}

type TargetMode = 'list' | 'selector' | 'all' | 'message';

interface TargetSetting {
  mode: TargetMode;
  names: string[];
  selector: string;
  property: string;
}

interface NodeDescription {
  type: string;
  version: number;
  category: string;
  colour: string;
  icon: string;
  inputs: number;
  outputs: number;
  outputsWhenOff?: { field: string; outputs: number };
  hasInputLabel: boolean;
  outputLabels: number;
  prefix: string;
  alignRight: boolean;
  fields: FieldDescription[];
  credentials?: { name: string; type: string }[];
}

/** A node as the editor holds it. */
interface EditorNode {
  id: string;
  name?: string;
  outputs?: number;
  /** The words of its set. */
  _?(key: string): string;
  [property: string]: unknown;
}

interface Problem {
  code: string;
  message: string;
  advice: string;
}

interface FoundObject {
  name: string;
  id: string;
  connection: string;
  /** Of a VM. */
  power?: string;
}

interface FoundObjects {
  total: number;
  objects: FoundObject[];
  connections: { name: string; phase: string }[];
}

/** A rule of the governor, as its file has it. */
interface GovernorRule {
  id: string;
  type: string;
  name?: string;
  enabled?: boolean;
  [property: string]: unknown;
}

interface GovernorScope {
  scope: string;
  used: number;
  limit: number;
  freesAt: number | null;
  stops: boolean;
}

/** How the governor stands, and by which rules. */
interface GovernorAnswer {
  rules: GovernorRule[];
  state: {
    killed: { by: string; reason: string; at: number } | null;
    problem: Problem | null;
    waiting: number;
    rules: { rule: string; scopes: GovernorScope[] }[];
  };
}

interface GovernorField {
  name: string;
  kind: 'text' | 'list' | 'count' | 'amount' | 'span' | 'choice' | 'check';
  options?: readonly string[];
  initial?: unknown;
}

/** Something on an open form that ends with it. */
interface Part {
  /** Puts its value into the node. */
  save?(): void;
  /** What it would put there. */
  values?(): Record<string, unknown>;
  resize?(): void;
  close?(): void;
}

interface RunSummary {
  id: string;
  flow: string | null;
  node: string;
  startedAt: number;
  lastAt: number;
  steps: number;
  failures: number;
}

interface RunList {
  recording: boolean;
  runs: RunSummary[];
  waiting: { id: string; node: string; run: string; at: number; action: string }[];
}

interface RunStep {
  id: number;
  at: number;
  kind: 'received' | 'failed';
  node: string;
  flow: string | null;
  from: string | null;
  port: number | null;
  message: unknown;
  altered: string[];
}

interface RunOperation {
  id: string;
  action: string;
  targetName: string;
  state: string;
  node?: string;
  mode?: string;
  error: string | null;
}

interface RunDetail {
  run: RunSummary | null;
  steps: RunStep[];
  operations: RunOperation[];
  plan: string;
}
