import type { OperationView } from '../operation-view.ts';
import type { Terminal } from './terminal.ts';

const barWidth = 20;

/** How far operations are, in one line that is written over; a terminal that cannot do that hears of steps alone. */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #operations = new Map<string, OperationView>();
  #said = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(operation: OperationView): void {
    this.#operations.set(operation.id, operation);
    const { rewrite, columns } = this.#terminal;
    if (rewrite) rewrite(this.#line().slice(0, columns - 1));
    else this.#tellStep(operation);
  }

  /** Takes the line away. */
  clear(): void {
    this.#terminal.rewrite?.('');
  }

  #line(): string {
    const all = [...this.#operations.values()];
    const ratio = all.reduce((sum, { progress, endedAt }) => sum + (endedAt === null ? progress : 1), 0) / all.length;
    const full = Math.round(ratio * barWidth);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${String(Math.round(ratio * 100)).padStart(3)} %`;
    const [first] = all;
    if (!first || all.length > 1)
      return `${bar}  ${all.filter(({ endedAt }) => endedAt !== null).length} of ${all.length} ended`;
    return `${bar}  ${nameOf(first)}  ${first.step ?? first.state}`;
  }

  #tellStep(operation: OperationView): void {
    const text = `${nameOf(operation)}: ${operation.state}${operation.step === null ? '' : `, ${operation.step}`}`;
    if (text !== this.#said && operation.endedAt === null) this.#terminal.tell(text);
    this.#said = text;
  }
}

function nameOf({ action, targetName }: OperationView): string {
  return `${action} of ${targetName}`;
}
