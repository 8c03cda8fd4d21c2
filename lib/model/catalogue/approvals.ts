import type { ErrorTexts } from './error-texts.ts';

/** Approvals. */
export const approvals = {
  APPROVAL_UNKNOWN: {
    message: 'There is no approval "{approval}".',
    advice: 'Approvals are kept for 90 days; the list of approvals shows those that are open.',
  },
  APPROVAL_NOT_YOURS: {
    message: '{principal} may not answer the approval {approval}: {reason}.',
    advice: 'Somebody else has to answer it, or an administrator grants approvals.answer there.',
  },
  APPROVAL_CHANGED: {
    message: 'What is to be approved has changed since it was looked at.',
    advice: 'Look at it again, for it is asked anew (round {round}); nothing was recorded.',
  },
  APPROVAL_CLOSED: {
    message: 'The approval {approval} is {state} already.',
    advice: 'Nothing is to be answered any more.',
  },
  APPROVAL_FORM_INVALID: {
    message: 'The answer cannot be used: {field}: {reason}.',
    advice: 'Correct it and answer again; nothing was recorded.',
  },
  APPROVAL_DENIED: {
    message: '{by} denied the approval{comment}.',
    advice: 'Nothing was done. Settle it with them, and ask again.',
  },
  APPROVAL_EXPIRED: {
    message: 'Nobody approved it within {seconds} s.',
    advice: 'Nothing was done. Ask again, when somebody is there who may approve it (policy "{policy}").',
  },
  APPROVAL_WITHDRAWN: {
    message: 'The approval was withdrawn before it was answered.',
    advice: 'Nothing was done; ask again if it is still wanted.',
  },
  APPROVAL_LINK_INVALID: {
    message: 'This link is not one of ours, or not whole.',
    advice: 'Open it as it stands in the message that brought it.',
  },
  APPROVAL_LINK_EXPIRED: {
    message: 'The time to answer by this link is over.',
    advice: 'Look in the list of approvals whether it is still open.',
  },
  APPROVAL_LINK_USED: {
    message: 'This link has been used.',
    advice: 'Each link is for one answer; the list of approvals in the editor takes others.',
  },
  APPROVAL_POLICY_INVALID: {
    message: 'The policies cannot be used: {reason}.',
    advice: 'Correct them; docs/approvals.md tells what a policy is made of.',
  },
  APPROVAL_MESSAGE_TOO_LARGE: {
    message: 'The message is too large to be kept until it is approved: {size} bytes, at most {limit}.',
    advice: 'Send only what is needed afterwards.',
  },
  APPROVALS_TOO_MANY: {
    message: 'More than {limit} messages wait for approval at this node.',
    advice: 'Have those answered or withdrawn first; this one was not kept.',
  },
} as const satisfies ErrorTexts;
