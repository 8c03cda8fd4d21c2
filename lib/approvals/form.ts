import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { VirtflowError } from '../model/errors.ts';

const about = {
  title: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.Optional(Type.String({ maxLength: 300 })),
};
const closed = { additionalProperties: false };

const TextSchema = Type.Object(
  {
    type: Type.Literal('string'),
    ...about,
    minLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000 })),
    maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000 })),
  },
  closed,
);
const ChoiceSchema = Type.Object(
  {
    type: Type.Literal('string'),
    ...about,
    enum: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 50 }),
  },
  closed,
);
const CheckboxSchema = Type.Object(
  {
    type: Type.Literal('boolean'),
    ...about,
    const: Type.Optional(Type.Literal(true, { description: 'It must be ticked to approve.' })),
  },
  closed,
);

/** What is asked of whoever answers: a JSON Schema of a few simple fields. */
export const FormSchema = Type.Object(
  {
    type: Type.Literal('object'),
    properties: Type.Record(
      Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,39}$' }),
      Type.Union([ChoiceSchema, TextSchema, CheckboxSchema]),
      { minProperties: 1, maxProperties: 20 },
    ),
    required: Type.Optional(Type.Array(Type.String())),
  },
  closed,
);

/** A form that stands somewhere else than in the file of policies. @throws APPROVAL_POLICY_INVALID */
export function formOf(value: unknown): ApprovalForm {
  if (!Value.Check(FormSchema, value)) {
    const [problem] = Value.Errors(FormSchema, value);
    const reason = `the form: ${problem?.instancePath || '/'} ${problem?.message ?? 'is not as it must be'}`;
    throw new VirtflowError('APPROVAL_POLICY_INVALID', { reason });
  }
  const missing = unknownRequirement(value);
  if (missing === undefined) return value;
  throw new VirtflowError('APPROVAL_POLICY_INVALID', {
    reason: `the form requires "${missing}", which it does not have`,
  });
}

/** A field that a form requires and does not have. */
export function unknownRequirement({ properties, required = [] }: ApprovalForm): string | undefined {
  return required.find((name) => !Object.hasOwn(properties, name));
}

export type ApprovalForm = Static<typeof FormSchema>;
export type FormField = ApprovalForm['properties'][string];
export type FormValues = Readonly<Record<string, string | boolean>>;

const longestText = 2_000;

/**
 * Reads a filled-in form; who denies need not fill it in. What is not known is refused.
 * @throws APPROVAL_FORM_INVALID
 */
export function readForm(form: ApprovalForm | null, given: unknown, decision: 'grant' | 'deny'): FormValues {
  const values = entriesOf(given);
  const fields = form?.properties ?? {};
  for (const name of Object.keys(values))
    if (!Object.hasOwn(fields, name)) throw invalid(name, 'there is no such field');
  const read: Record<string, string | boolean> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    if (value !== undefined && value !== '') read[name] = readField(name, field, value, decision);
    else if (decision === 'grant') refuseEmpty(name, field, form?.required ?? []);
  }
  return read;
}

function refuseEmpty(name: string, field: FormField, required: readonly string[]): void {
  if (field.type === 'boolean' && field.const) throw invalid(name, 'it must be ticked');
  if (required.includes(name)) throw invalid(name, 'it must be filled in');
}

function readField(name: string, field: FormField, value: unknown, decision: 'grant' | 'deny'): string | boolean {
  if (field.type === 'boolean') {
    if (typeof value !== 'boolean') throw invalid(name, 'true or false is needed');
    if (field.const && !value && decision === 'grant') throw invalid(name, 'it must be ticked');
    return value;
  }
  if (typeof value !== 'string') throw invalid(name, 'a text is needed');
  if ('enum' in field) {
    if (!field.enum.includes(value)) throw invalid(name, `one of ${field.enum.join(', ')} is needed`);
    return value;
  }
  const { minLength = 0, maxLength = longestText } = field;
  if (value.trim().length < minLength) throw invalid(name, `at least ${minLength} characters are needed`);
  if (value.length > maxLength) throw invalid(name, `at most ${maxLength} characters are needed`);
  return value;
}

/** `Reason: disk broken; Backup checked: yes` */
export function formText(form: ApprovalForm | null, values: FormValues): string {
  const entries = Object.entries(values).map(([name, value]) => {
    const shown = typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
    return `${form?.properties[name]?.title ?? name}: ${shown}`;
  });
  return entries.join('; ');
}

function entriesOf(given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null) return {};
  if (typeof given === 'object' && !Array.isArray(given)) return { ...given };
  throw invalid('form', 'it is not an object');
}

function invalid(field: string, reason: string): VirtflowError {
  return new VirtflowError('APPROVAL_FORM_INVALID', { field: field.slice(0, 100), reason });
}
