import { formOf } from '../../lib/approvals/form.ts';
import { type Terms, termsOf } from '../../lib/approvals/policy.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import type { ConfigOf } from '../runtime/config.ts';
import type { approvalFields } from './approval-fields.ts';

type Config = ConfigOf<typeof approvalFields>;

/** On which terms a gate asks, but for the question. @throws APPROVAL_POLICY_INVALID */
export function gateTerms(name: string, { quorum, role, accounts, minutes, form }: Config): Terms {
  const names = accounts.split(',').flatMap((one) => one.trim() || []);
  return {
    ...termsOf(name, {
      quorum: quorum === '2' ? 2 : 1,
      ttlSeconds: minutes * 60,
      mayAnswer: { role: roleOf(role), ...(names.length > 0 ? { accounts: names } : {}) },
    }),
    form: form.trim() === '' ? null : formOf(parse(form)),
  };
}

function roleOf(role: string): Terms['mayAnswer']['role'] {
  return role === 'administrator' || role === 'power-operator' ? role : 'operator';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = `the form is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new VirtflowError('APPROVAL_POLICY_INVALID', { reason }, { cause: error });
  }
}
