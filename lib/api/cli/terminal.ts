/** Where a command writes; a test reads it there. */
export interface Terminal {
  /** Results: standard output. */
  print(text: string): void;
  /** What goes on, for people: standard error. */
  tell(text: string): void;
  /** Replaces the last line of what goes on, where that can be seen; undefined where nobody looks. */
  readonly rewrite: ((text: string) => void) | undefined;
  readonly columns: number;
}

/** The terminal of this process. */
export function ownTerminal(): Terminal {
  const { stderr, stdout } = process;
  // Whoever reads may have had enough: `virtflow list vms | head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    print: (text) => stdout.write(`${text}\n`),
    tell: (text) => stderr.write(`${text}\n`),
    rewrite: stderr.isTTY ? (text) => stderr.write(`\r\u001b[K${text}`) : undefined,
    columns: stderr.columns ?? 80,
  };
}
