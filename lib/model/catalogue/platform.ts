import type { ErrorTexts } from './error-texts.ts';

/** virtflow itself: its data, its settings, its start and its end. */
export const platform = {
  STORE_FULL: {
    message: 'The disk that holds {path} is full.',
    advice: 'Free some space there; nothing is started until it can be recorded.',
  },
  STORE_BROKEN: {
    message: 'The store at {path} cannot be read: {reason}.',
    advice: 'Restore it from a backup, or move it away to begin an empty one.',
  },
  DATA_DIRECTORY_UNUSABLE: {
    message: 'The directory {path} cannot be used: {reason}.',
    advice: 'Choose another with --data-dir, or correct its owner and mode.',
  },
  DATA_DIRECTORY_BUSY: {
    message: 'Another virtflow (process {pid}) runs on {path}.',
    advice: 'Stop it, or choose another directory with --data-dir.',
  },
  NOT_RUNNING: {
    message: 'No virtflow runs on {directory}.',
    advice: 'Start it ("virtflow start"), name its directory with --data-dir, or another virtflow with --url.',
  },
  PORT_BUSY: {
    message: 'Port {port} on {host} is taken.',
    advice: 'Choose another with --port, or stop what uses it.',
  },
  OPTION_INVALID: {
    message: 'The option {option} cannot be used: {reason}.',
    advice: 'virtflow --help lists the options.',
  },
  FLOWS_BROKEN: {
    message: 'The flow file {path} cannot be read: {reason}.',
    advice: 'It was left as it is. Correct it, or move it away to begin with the examples.',
  },
  SETTINGS_FILE_INVALID: {
    message: 'The settings in {path} cannot be used: {reason}.',
    advice: 'What was in force before stays so until the file is corrected; virtflow reads it again by itself.',
  },
  STOPPING: {
    message: 'virtflow is being stopped.',
    advice: 'Try again once it runs; what was accepted before is kept.',
  },
  NODE_RED_MISSING: {
    message: 'Node-RED 5 is not installed beside virtflow: {reason}.',
    advice: 'Install it with "npm install node-red@5", or use virtflow inside a Node-RED that you have already.',
  },
  INTERNAL: {
    message: 'Something went wrong inside virtflow: {reason}.',
    advice: 'This is a defect: please report it with the log.',
  },
} as const satisfies ErrorTexts;
