import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { selector } from '../inventory/selector.ts';
import { VirtflowError } from '../model/errors.ts';
import { objectKinds } from '../model/reference.ts';
import { FormSchema, unknownRequirement } from './form.ts';

const closed = { additionalProperties: false };
const pattern = Type.String({ minLength: 1, maxLength: 100 });
const patterns = (title: string) => Type.Array(pattern, { title, minItems: 1, maxItems: 100 });
const dangers = ['none', 'disruptive', 'destructive'] as const;
const ways = ['flow', 'mqtt', 'rest', 'cli', 'test'] as const;
const roles = ['viewer', 'operator', 'power-operator', 'administrator'] as const;

/** How an approval is asked for. */
const terms = {
  text: Type.Optional(Type.String({ title: 'What those who answer should consider', maxLength: 2_000 })),
  quorum: Type.Optional(
    Type.Integer({ title: 'How many persons must approve; 0: none', minimum: 0, maximum: 2, default: 1 }),
  ),
  ttlSeconds: Type.Optional(
    Type.Integer({ title: 'How long it waits for answers', minimum: 5, maximum: 14 * 86_400, default: 3_600 }),
  ),
  onExpiry: Type.Optional(Type.Enum(['deny', 'grant'], { title: 'What counts when nobody answers', default: 'deny' })),
  form: Type.Optional(FormSchema),
  mayAnswer: Type.Optional(
    Type.Object(
      {
        role: Type.Optional(
          Type.Enum([...roles], {
            title: 'The least built-in role; own roles need approvals.answer',
            default: 'operator',
          }),
        ),
        accounts: Type.Optional(patterns('Only these accounts')),
      },
      closed,
    ),
  ),
};

const Policy = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$' }),
    actions: Type.Optional(patterns('Ids of actions, or patterns such as vm.*')),
    dangers: Type.Optional(Type.Array(Type.Enum([...dangers]), { minItems: 1 })),
    targets: Type.Optional(
      Type.Object(
        {
          connection: Type.Optional(pattern),
          kind: Type.Optional(Type.Enum([...objectKinds, 'connection'])),
          selector: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
        },
        closed,
      ),
    ),
    origins: Type.Optional(
      Type.Object(
        {
          through: Type.Optional(Type.Array(Type.Enum([...ways]), { minItems: 1 })),
          principals: Type.Optional(patterns('Who asks')),
          flows: Type.Optional(patterns('Ids of tabs')),
        },
        closed,
      ),
    ),
    ...terms,
    elevates: Type.Optional(
      Type.Boolean({ title: 'A grant lends the right to do it to whoever asked and lacks it', default: false }),
    ),
    waivable: Type.Optional(Type.Boolean({ title: 'A node may say that it needs none', default: false })),
  },
  closed,
);

/** What the file `approvals.json` holds. */
export const PoliciesSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    policies: Type.Optional(Type.Array(Policy, { maxItems: 200 })),
    onRequest: Type.Optional(
      Type.Object(terms, {
        ...closed,
        title: 'How a node or a message that wants an approval of its own is asked for',
      }),
    ),
  },
  closed,
);

export type Policy = Static<typeof Policy>;
export type Policies = Static<typeof PoliciesSchema>;

/** The terms on which one approval is asked for, with nothing left open. */
export interface Terms {
  /** The name of the policy that asks for it. */
  readonly policy: string;
  readonly text: string;
  readonly quorum: number;
  readonly ttlSeconds: number;
  readonly onExpiry: 'deny' | 'grant';
  readonly form: Static<typeof FormSchema> | null;
  readonly mayAnswer: { readonly role: (typeof roles)[number]; readonly accounts: readonly string[] | null };
}

type TermsOfFile = NonNullable<Policies['onRequest']>;

/** What a policy leaves open is as cautious as makes sense: one person, one hour, and no when nobody answers. */
export function termsOf(policy: string, given: TermsOfFile): Terms {
  const { text = '', quorum = 1, ttlSeconds = 3_600, onExpiry = 'deny', form = null, mayAnswer = {} } = given;
  const { role = 'operator', accounts = null } = mayAnswer;
  return { policy, text, quorum, ttlSeconds, onExpiry, form, mayAnswer: { role, accounts } };
}

/** The policy's name where a node or a message itself wanted it. */
export const onRequest = 'on request';
/** The policy's name where the file cannot be read and never could. */
export const unreadable = 'approvals.json cannot be read';

export const noPolicies: Policies = {};

/** With a file that nobody could ever read, whatever stops a guest or loses data is asked for. */
export const cautiousPolicies: Policies = {
  policies: [{ name: unreadable, dangers: ['disruptive', 'destructive'] }],
};

/** @throws SETTINGS_INVALID with the place and what is needed there */
export function parsePolicies(value: unknown): Policies {
  if (!Value.Check(PoliciesSchema, value)) throw firstProblem(value);
  const names = new Set<string>();
  for (const [index, policy] of (value.policies ?? []).entries()) {
    const where = `policies[${index}] (${policy.name})`;
    if (names.has(policy.name)) throw invalid(`${where}: there is another of this name`);
    names.add(policy.name);
    checkPolicy(policy, where);
  }
  if (value.onRequest) checkTerms(value.onRequest, 'onRequest');
  if (value.onRequest?.quorum === 0) throw invalid('onRequest: quorum 0 would approve nothing');
  return value;
}

function checkPolicy(policy: Policy, where: string): void {
  checkTerms(policy, where);
  if (policy.elevates && policy.onExpiry === 'grant') throw invalid(`${where}: silence cannot lend a right`);
  if (policy.elevates && policy.quorum === 0) throw invalid(`${where}: nobody would lend the right`);
  const text = policy.targets?.selector;
  if (text !== undefined) selectorOf(text, where);
}

function checkTerms({ onExpiry, quorum, form }: TermsOfFile, where: string): void {
  if (onExpiry === 'grant' && quorum === 2) throw invalid(`${where}: silence cannot stand for two persons`);
  const unknown = form && unknownRequirement(form);
  if (unknown !== undefined) throw invalid(`${where}: the form requires "${unknown}", which it does not have`);
}

function selectorOf(text: string, where: string): void {
  try {
    selector(text);
  } catch (error) {
    throw invalid(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function firstProblem(value: unknown): VirtflowError {
  const [problem] = Value.Errors(PoliciesSchema, value);
  return invalid(`${problem?.instancePath || '/'} ${problem?.message ?? 'is not as the schema has it'}`);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('APPROVAL_POLICY_INVALID', { reason: reason.replace(/\.$/, '') });
}
