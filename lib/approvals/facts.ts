import type { Fact } from '../operations/operation.ts';
import { type Approval, answersOf } from './approval.ts';
import { formText } from './form.ts';

type Asked = Pick<Approval, 'id' | 'policy' | 'quorum' | 'ttlSeconds' | 'onExpiry' | 'lends'>;

export function waitsForApproval({ id, policy, quorum, lends }: Asked, reason: string | null): Fact {
  const persons = quorum > 1 ? `${quorum} persons` : 'somebody';
  const anew = reason === null ? '' : `, anew, for ${reason}`;
  const right = lends ? ', which lends the right to it' : '';
  const says = `It waits until ${persons} approved it${right}, as the policy "${policy}" asks for${anew}.`;
  return { rule: 'approval', says, approval: id, policy, quorum, ...(reason === null ? {} : { reason }) };
}

/** Who approved it, on what they filled in; and whose right it takes, where it was lent. */
export function approvedFacts(approval: Approval): readonly Fact[] {
  const { id, policy, lends, form, asker, round } = approval;
  const grants = answersOf(approval).filter(({ decision }) => decision === 'grant');
  const facts: Fact[] = grants.map((answer) => {
    const words = [formText(form, answer.form), answer.comment].filter((text) => text !== '').join('; ');
    const says = `${answer.by} approved it${words === '' ? '' : ` (${words})`}.`;
    const { by, via, comment, at } = answer;
    return { rule: 'approved', says, approval: id, policy, round, by, via, comment, at, form: answer.form };
  });
  if (grants.length === 0)
    facts.push({ rule: 'approved', says: silence(policy), approval: id, policy, round, by: null });
  if (lends)
    facts.push(
      lent(
        lends.id,
        asker.principal,
        grants.map(({ by }) => by),
      ),
    );
  return facts;
}

function silence(policy: string): string {
  return `Nobody answered in time, which the policy "${policy}" takes as approval.`;
}

function lent(permission: string, to: string, by: readonly string[]): Fact {
  const says = `The right to ${permission} was lent to ${to} for this operation alone, by ${by.join(' and ')}.`;
  return { rule: 'right-lent', says, permission, to, by };
}
