import type { Sight } from '../access/sight.ts';
import { type Approval, granters } from '../approvals/approval.ts';
import { type BlastRadius, blastLines, type NamedRef } from '../approvals/blast-radius.ts';
import { objectOf } from '../operations/operation.ts';

/** What an approval says about itself to somebody: of other objects only those that they may see. */
export async function approvalView(approval: Approval, sight: Sight) {
  const { id, state, round, reason, subject, asker, policy, text, quorum, form, lends, onExpiry } = approval;
  const { requestedAt, expiresAt, endedAt, plan } = approval;
  return {
    id,
    state,
    round,
    reason,
    subject,
    asker: { principal: asker.principal, through: asker.through },
    policy,
    text,
    quorum,
    granted: granters(approval),
    lends: lends?.id ?? null,
    form,
    onExpiry,
    plan,
    blast: approval.blast && (await blastView(approval, approval.blast, sight)),
    answers: approval.answers.map(({ link: _, ...answer }) => answer),
    requestedAt,
    expiresAt,
    endedAt,
  };
}

export type ApprovalView = Awaited<ReturnType<typeof approvalView>>;

/** Whoever may answer may read what it is about; beside that each sees what they see anyway. */
async function blastView({ subject }: Approval, blast: BlastRadius, sight: Sight) {
  const own = subject.type === 'operation' ? objectOf(subject.target)?.id : undefined;
  const seen = async (all: readonly NamedRef[]) => {
    const some: NamedRef[] = [];
    for (const one of all) if (one.ref.id === own || (await sight.reference(one.ref))) some.push(one);
    return some;
  };
  const shown = {
    ...blast,
    objects: await seen(blast.objects),
    vms: await seen(blast.vms),
    sharesDisksWith: await seen(blast.sharesDisksWith),
  };
  return { ...shown, lines: blastLines(shown) };
}
