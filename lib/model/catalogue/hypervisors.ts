import type { ErrorTexts } from './error-texts.ts';

/** What the hypervisor, or the agent in a guest, said. */
export const hypervisors = {
  AGENT_UNAVAILABLE: {
    message: 'The guest agent of "{name}" does not answer: {reason}.',
    advice: 'Install and start qemu-guest-agent in the guest, or choose ACPI.',
  },
  HYPERVISOR_BUSY: {
    message: 'The hypervisor is busy with this object: {reason}.',
    advice: 'Wait for the other task, or cancel it.',
  },
  HYPERVISOR_DENIED: {
    message: 'The hypervisor does not allow it: {reason}.',
    advice: 'Give the connection an account with the rights it needs.',
  },
  HYPERVISOR_UNSUPPORTED: {
    message: 'The hypervisor does not support it: {reason}.',
    advice: 'Another version of the hypervisor, or another kind of object, may.',
  },
  HYPERVISOR_FAILED: {
    message: 'The hypervisor failed: {reason}.',
    advice: 'Its own log on {host} says more; code {hypervisorCode}.',
  },
  RESOURCES_EXHAUSTED: {
    message: 'The host has not enough {resource}: {reason}.',
    advice: 'Free some, or choose another host.',
  },
} as const satisfies ErrorTexts;
