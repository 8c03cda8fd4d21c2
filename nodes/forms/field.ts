/** One setting of a node: its row in the edit form, its default, its limits; the words are English. */
export type Field =
  | TextField
  | NumberField
  | SwitchField
  | ChoiceField
  | ChoicesField
  | CodeField
  | TypedField
  | NodeField
  | TargetField
  | StepsField
  | MembersField
  | WidgetField;

interface Common {
  /** The property in the flow file; never renamed without a migration. */
  readonly name: string;
  readonly label: string;
  /** A sentence for the tooltip and the help. */
  readonly description: string;
  /** Words that several nodes share stand in the catalogue `common`. */
  readonly shared?: boolean;
  readonly icon?: string;
  /** The row shows only while another field has one of these values. */
  readonly showIf?: Condition;
  /** Rows with the same text here stand side by side in one. */
  readonly row?: string;
}

export interface Condition {
  readonly field: string;
  readonly values: readonly (string | boolean)[];
}

export interface TextField extends Common {
  readonly kind: 'text';
  readonly default: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly maxLength?: number;
  /** Anchored by itself; the editor marks what does not match. */
  readonly pattern?: string;
  readonly input?: 'text' | 'driver' | 'date-time' | 'time' | 'time-zone' | 'metric-field' | 'contact';
}

export interface NumberField extends Common {
  readonly kind: 'number';
  /** Null: may be left empty. */
  readonly default: number | null;
  /** What a new node begins with, where it may be emptied afterwards. */
  readonly initial?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly integer?: boolean;
  readonly unit?: string;
  readonly placeholder?: string;
}

export interface SwitchField extends Common {
  readonly kind: 'switch';
  readonly default: boolean;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One of a few. */
export interface ChoiceField extends Common {
  readonly kind: 'choice';
  /** What counts where a node of an older release says nothing. */
  readonly default: string;
  /** What a new node begins with; the default unless told. */
  readonly initial?: string;
  readonly options: readonly Option[];
}

/** Any number of a few. */
export interface ChoicesField extends Common {
  readonly kind: 'choices';
  readonly default: readonly string[];
  readonly options: readonly Option[];
}

export interface CodeField extends Common {
  readonly kind: 'code';
  readonly default: string;
  readonly language: 'xml' | 'json' | 'text';
  readonly required?: boolean;
  readonly maxLength?: number;
}

/** A value with its type, Node-RED's typedInput; the type stands in `<name>Type`. */
export interface TypedField extends Common {
  readonly kind: 'typed';
  readonly default: string;
  readonly types: readonly string[];
}

/** A configuration node of a type. */
export interface NodeField extends Common {
  readonly kind: 'node';
  readonly nodeType: string;
  readonly required: boolean;
}

export type TargetMode = 'list' | 'selector' | 'all' | 'message';

/** What the node works on: picked by name, chosen by a selector, all, or told by the message. */
export interface TargetField extends Common {
  readonly kind: 'target';
  /** VMs, or whatever the row `measurement` of the form is of. */
  readonly objects: 'vm' | 'measured';
  readonly modes: readonly TargetMode[];
}

/** A list of actions, each with its target and parameters. */
export interface StepsField extends Common {
  readonly kind: 'steps';
  readonly target: TargetField;
  /** The actions to choose from; their words are those of the action node. */
  readonly options: readonly Option[];
}

/** How a step stands in the flow file. */
export interface StepSetting {
  /** The id of an action. */
  readonly action: string;
  readonly target: TargetSetting;
  readonly parameters: string;
  readonly parametersType: string;
  readonly weight: number | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** A list of other rules, each with whether it has to fire. */
export interface MembersField extends Common {
  readonly kind: 'members';
}

/** How a member stands in the flow file. */
export interface MemberSetting {
  /** The id of a rule: that of its node, or of rules.json. */
  readonly rule: string;
  /** Whether it has to fire, or must not. */
  readonly fires: boolean;
  /** The severity that counts as firing, and those above it. */
  readonly atLeast: 'info' | 'warning' | 'critical';
}

/** Something that shows and keeps no value: a preview, a test button. */
export interface WidgetField extends Common {
  readonly kind: 'widget';
  readonly widget: 'next-runs' | 'test-connection' | 'test-influxdb' | 'test-channel' | 'backtest';
}

/** How a target stands in the flow file. */
export interface TargetSetting {
  readonly mode: TargetMode;
  readonly names: readonly string[];
  readonly selector: string;
  /** The message's property that tells the target in mode `message`. */
  readonly property: string;
}

export function defaultTarget(field: TargetField): TargetSetting {
  return { mode: field.modes[0] ?? 'message', names: [], selector: '', property: 'target' };
}
