import type { ErrorTexts } from './error-texts.ts';

/** Secrets and the key that they are encrypted with. */
export const secrets = {
  SECRET_UNKNOWN: {
    message: 'There is no secret "{name}".',
    advice: '"virtflow secret list" lists those that there are, "virtflow secret set {name}" makes it.',
  },
  SECRET_INVALID: {
    message: 'The secret "{name}" cannot be kept: {reason}.',
    advice: 'Choose another; nothing was changed.',
  },
  SECRET_UNRESOLVED: {
    message: 'The secret {reference} cannot be had: {reason}.',
    advice: 'Correct the reference or what it names; nothing was done.',
  },
  SECRET_DAMAGED: {
    message: 'The secret "{name}" cannot be decrypted: somebody or something changed it.',
    advice: 'Set it again with "virtflow secret set", or restore the data directory from a backup.',
  },
  SECRET_KEY_MISSING: {
    message: 'The key of the secrets is not there: {source} holds none.',
    advice:
      'Put the key back that was there before: nothing is lost. Where it is gone for good, "virtflow secret remove --all" gives up what it encrypted.',
  },
  SECRET_KEY_WRONG: {
    message: 'The secrets are encrypted with another key than the one from {source}.',
    advice:
      'Put the key back that was there before: nothing is lost. Where it is gone for good, "virtflow secret remove --all" gives up what it encrypted.',
  },
  SECRET_KEY_INVALID: {
    message: 'The key from {source} cannot be used: {reason}.',
    advice: 'docs/secrets.md tells how a key is made and where it is looked for.',
  },
  SECRET_KEY_NOT_OURS: {
    message: 'The key comes from {source}, where virtflow cannot put another.',
    advice: 'Give the new key in VIRTFLOW_NEW_KEY_FILE, then put it in the place of the old one and restart virtflow.',
  },
  SECRET_KEYRING_UNAVAILABLE: {
    message: "The operating system's keyring cannot be asked: {reason}.",
    advice: 'Install libsecret-tools, run a keyring (the Secret Service on the session bus) and unlock it.',
  },
} as const satisfies ErrorTexts;
