import type { Command } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What a shell needs to complete the commands and their options; none of it is asked of a server. */
export function completion(shell: Shell, commands: readonly Command[], others: readonly string[]): string {
  if (shell === 'fish') return fish(commands, others);
  const script = bash(commands, others);
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}

/** `vm start` is completed by its two words, `cancel` by its one. */
function bash(commands: readonly Command[], others: readonly string[]): string {
  const [pairs, singles] = [commands.filter(isPair), commands.filter((command) => !isPair(command))];
  const optionsOf = ({ name, options }: Command) => `    '${name}') words='${optionWords(options)}';;`;
  const verbs = [...Map.groupBy(pairs, firstWord)].map(
    ([kind, some]) => `    '${kind}') words='${some.map(lastWord).join(' ')}';;`,
  );
  return `_virtflow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then words='${firstWords(commands, others)}'; fi
  if [ "$COMP_CWORD" -eq 2 ]; then case "\${COMP_WORDS[1]}" in
${verbs.join('\n')}
  esac; fi
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]}" in
${singles.map(optionsOf).join('\n')}
  esac; fi
  if [ "$COMP_CWORD" -gt 2 ]; then case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${pairs.map(optionsOf).join('\n')}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _virtflow virtflow
`;
}

function fish(commands: readonly Command[], others: readonly string[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = [
    'complete -c virtflow -f',
    `complete -c virtflow -n __fish_use_subcommand -a ${quote(firstWords(commands, others))}`,
  ];
  for (const { name, says, options } of commands) {
    const [kind = '', verb] = name.split(' ');
    const seen = verb === undefined ? kind : `${kind}; and __fish_seen_subcommand_from ${verb}`;
    if (verb !== undefined) {
      const when = quote(`__fish_seen_subcommand_from ${kind}; and not __fish_seen_subcommand_from ${verb}`);
      lines.push(`complete -c virtflow -n ${when} -a ${verb} -d ${quote(says)}`);
    }
    for (const [option, { says: about, type }] of Object.entries(options)) {
      const value = type === 'string' ? ' -r' : '';
      lines.push(
        `complete -c virtflow -n ${quote(`__fish_seen_subcommand_from ${seen}`)} -l ${option}${value} -d ${quote(about)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function isPair({ name }: Command): boolean {
  return name.includes(' ');
}

function firstWord({ name }: Command): string {
  return name.split(' ')[0] ?? name;
}

function lastWord({ name }: Command): string {
  return name.split(' ').at(-1) ?? name;
}

function firstWords(commands: readonly Command[], others: readonly string[]): string {
  return [...new Set([...commands.map(firstWord), ...others])].join(' ');
}

function optionWords(options: Command['options']): string {
  return Object.keys(options)
    .map((option) => `--${option}`)
    .join(' ');
}
