import type { ErrorTexts } from './error-texts.ts';

/** The MQTT broker, and commands by MQTT. */
export const mqtt = {
  BROKER_UNREACHABLE: {
    message: 'The MQTT broker at {address} cannot be reached: {reason}.',
    advice: 'Check address, user and password; it is tried again by itself.',
  },
  BROKER_PORT_BUSY: {
    message: 'The MQTT broker inside virtflow cannot listen: port {port} on {host} is taken.',
    advice: 'Stop what uses it, or write another port into {file} and restart; it is tried again by itself.',
  },
  BROKER_REFUSED: {
    message: 'The MQTT broker at {address} refused {what}: {reason}.',
    advice: 'Give the account of virtflow the right to read its command topics and to write all of its topics.',
  },
  COMMANDS_TOO_MANY: {
    message: 'More than {limit} commands wait for their end.',
    advice: 'Wait for replies before you send more; this one was not done.',
  },
} as const satisfies ErrorTexts;
