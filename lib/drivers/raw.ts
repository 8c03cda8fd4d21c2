import type { Job } from './job.ts';

/** A call of the hypervisor's own interface. */
export interface RawProcedure {
  readonly name: string;
  readonly effect: 'reads' | 'changes';
  /** In their order; `type` in the words of the interface. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  /** Why it cannot be called by name. */
  readonly closed?: string;
}

/** The hypervisor's own interface, for what no action does. Arguments and answers are plain JSON: bytes in base64, long numbers as text. */
export interface RawArea {
  procedures(): readonly RawProcedure[];
  /** @throws PROCEDURE_UNKNOWN, PROCEDURE_CLOSED, PARAMETER_INVALID, CONNECTION_*, HYPERVISOR_*, and what the gate throws */
  call(name: string, args: Readonly<Record<string, unknown>>, job: Job): Promise<unknown>;
}
