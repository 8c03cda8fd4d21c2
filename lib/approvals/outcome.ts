import { VirtflowError } from '../model/errors.ts';
import { type Approval, answersOf } from './approval.ts';

/** Where the policy says so, silence is consent; never for what stops a guest, loses data, or takes a lent right. */
export function silenceGrants({ onExpiry, subject, quorum, lends }: Approval): boolean {
  const isHarmless = subject.type === 'operation' && subject.danger === 'none';
  return onExpiry === 'grant' && isHarmless && quorum < 2 && lends === null;
}

/** @throws APPROVAL_DENIED, APPROVAL_EXPIRED, APPROVAL_WITHDRAWN */
export function refuseUnlessGranted(approval: Approval): void {
  const { id, state, policy, requestedAt, expiresAt } = approval;
  const no = answersOf(approval).find(({ decision }) => decision === 'deny');
  if (state === 'denied') {
    const comment = no?.comment ? `: ${no.comment}` : '';
    throw new VirtflowError('APPROVAL_DENIED', { approval: id, by: no?.by ?? 'somebody', comment, policy });
  }
  if (state === 'expired') {
    const seconds = Math.round((expiresAt - requestedAt) / 1000);
    throw new VirtflowError('APPROVAL_EXPIRED', { approval: id, seconds, policy });
  }
  if (state === 'withdrawn') throw new VirtflowError('APPROVAL_WITHDRAWN', { approval: id });
}
