import type { Measurement } from '../../lib/model/reading.ts';
import type { ChoiceField, NodeField, NumberField, SwitchField, TargetField, TextField } from './field.ts';

export const nameField = {
  kind: 'text',
  name: 'name',
  label: 'Name',
  description: 'What this node is called on the canvas.',
  shared: true,
  icon: 'fa-tag',
  default: '',
} as const satisfies TextField;

export const targetField = {
  kind: 'target',
  name: 'target',
  label: 'VM',
  description: 'What to work on. msg.target wins over what is chosen here.',
  shared: true,
  icon: 'fa-crosshairs',
  objects: 'vm',
  modes: ['list', 'selector', 'message'],
} as const satisfies TargetField;

/** The kinds of objects that have figures, as people call them; one for each of `measurements`. */
export const measurementOptions = [
  { value: 'vm', label: 'VMs' },
  { value: 'vm_disk', label: 'disks of VMs' },
  { value: 'vm_nic', label: 'NICs of VMs' },
  { value: 'vm_filesystem', label: 'file systems in VMs' },
  { value: 'host', label: 'hosts' },
  { value: 'storage_pool', label: 'storage pools' },
  { value: 'pool', label: 'all hosts of a connection together' },
] as const satisfies readonly { readonly value: Measurement; readonly label: string }[];

export const connectionField = {
  kind: 'node',
  name: 'connection',
  label: 'Connection',
  description: 'The hypervisor or pool to work on. A name of a connection in msg.target wins over it.',
  shared: true,
  icon: 'fa-plug',
  nodeType: 'virtflow-connection',
  required: true,
} as const satisfies NodeField;

export const anyConnectionField = {
  kind: 'node',
  name: 'connection',
  label: 'Connection',
  description: 'Only this hypervisor or pool; without one, all that are deployed.',
  icon: 'fa-plug',
  nodeType: 'virtflow-connection',
  required: false,
} as const satisfies NodeField;

export const giveUpField = {
  kind: 'number',
  name: 'timeoutSeconds',
  label: 'Give up after',
  description: 'The operation fails when it has not ended by then. msg.timeoutSeconds wins over it.',
  shared: true,
  icon: 'fa-hourglass-end',
  default: null,
  minimum: 1,
  maximum: 86_400,
  unit: 's',
} as const satisfies NumberField;

export const approvalField = {
  kind: 'choice',
  name: 'approval',
  label: 'Ask for approval',
  description: 'Whether somebody must approve it first. A policy that asks for one counts, unless it can be waived.',
  shared: true,
  icon: 'fa-gavel',
  default: 'policy',
  options: [
    { value: 'policy', label: 'as the policies say' },
    { value: 'always', label: 'always' },
    { value: 'never', label: 'never, where the policy lets it' },
  ],
} as const satisfies ChoiceField;

export const modeField = {
  kind: 'choice',
  name: 'mode',
  label: 'Mode',
  description: 'Do it, or only tell what would be done: a plan changes nothing. msg.plan, true or false, wins over it.',
  shared: true,
  icon: 'fa-map-o',
  default: 'run',
  options: [
    { value: 'run', label: 'do it' },
    { value: 'plan', label: 'only plan it' },
  ],
} as const satisfies ChoiceField;

export const quietField = {
  kind: 'switch',
  name: 'quiet',
  label: 'Do not show in the list of operations',
  description: 'For routine. The history and the audit record have it all the same, and the list shows it when asked.',
  shared: true,
  default: false,
} as const satisfies SwitchField;
