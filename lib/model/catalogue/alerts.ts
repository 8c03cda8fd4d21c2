import type { ErrorTexts } from './error-texts.ts';

/** Alerts, silences, and who is told. */
export const alerts = {
  ALERT_UNKNOWN: {
    message: 'There is no alert "{alert}".',
    advice: 'Alerts that are over are kept for 30 days; the list of alerts shows those that go on.',
  },
  ALERT_OVER: {
    message: 'The alert {alert} is {state} already.',
    advice: 'There is nothing to acknowledge any more.',
  },
  ALERT_SETTINGS_INVALID: {
    message: 'The routes and contacts of alerts cannot be used: {reason}.',
    advice: 'Correct alerts.json; docs/alerts.md tells what it is made of.',
  },
  SILENCE_UNKNOWN: {
    message: 'There is no silence "{silence}".',
    advice: 'Silences that are over are kept for 30 days; the list of silences shows them.',
  },
  SILENCE_INVALID: {
    message: 'The silence cannot be taken: {reason}.',
    advice: 'Say which alerts are meant, and until when or for how long.',
  },
  CONTACT_UNKNOWN: {
    message: 'There is no contact "{contact}".',
    advice: 'Contacts that exist: {known}. They are written in alerts.json.',
  },
  CONTACT_INVALID: {
    message: 'Nobody can be told by "{contact}": {reason}.',
    advice: 'Correct the settings of the node that brings this contact.',
  },
  NOTIFICATION_INVALID: {
    message: 'The message cannot be told to people: {reason}.',
    advice: 'Give the node a text, for instance in msg.payload.',
  },
  NOTIFICATION_FAILED: {
    message: 'The {type} channel did not take the message: {reason}.',
    advice: 'Check the settings of the contact and that its server can be reached.',
  },
} as const satisfies ErrorTexts;
