import type { NodeRed } from '../runtime/red.ts';
import { registerHomeAssistant } from './virtflow-home-assistant.ts';

export default function homeAssistant(RED: NodeRed): void {
  registerHomeAssistant(RED);
}
