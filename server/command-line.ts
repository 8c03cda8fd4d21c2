import { firstAdministrator } from '../lib/access/accounts.ts';
import { allActions } from '../lib/actions/registry.ts';
import { Cli } from '../lib/api/cli/cli.ts';
import { ownTerminal } from '../lib/api/cli/terminal.ts';
import { accountFile, readAccount } from '../lib/api/mqtt/account.ts';
import { toVirtflowError, VirtflowError } from '../lib/model/errors.ts';
import { renewPassword } from './access/administrator.ts';
import { auditCommand } from './access/audit-command.ts';
import { roleCommand } from './access/role-command.ts';
import { secretCommand } from './access/secret-command.ts';
import { serviceCommand } from './access/service-command.ts';
import { tokenCommand } from './access/token-command.ts';
import { userCommand } from './access/user-command.ts';
import { whoTypes, withAccess } from './access/with-access.ts';
import { exitCodeOf } from './exit-codes.ts';
import { governorCommand } from './governor-command.ts';
import { printHistory } from './history.ts';
import { type CommandName, commands as commandNames, parseInvocation, type ServerOptions } from './options.ts';
import { packageVersion } from './package-root.ts';
import { guardProcess } from './process-guard.ts';
import { connect } from './remote/connect.ts';
import { Server } from './server.ts';
import { readSettingsFile } from './settings-file.ts';

const help = (
  cli: Cli,
) => `virtflow ${packageVersion()}: every action, event, metric and alert rule of your hypervisors as a Node-RED node

  virtflow start       run Node-RED with virtflow in it (this is what no command does, too)
  virtflow password [user]   give the administrator, or another user, a new password and print it
  virtflow mqtt        print how to connect to the MQTT broker
  virtflow history     print the latest operations, newest first

  virtflow user add <name> --role <role> [scope]    make a user and print the password
  virtflow user role <name> <role> [scope]          give one role in the place of all others ("none": take all away);
                                                    --add: beside them, --deny: never what that role may
  virtflow user list | remove <name>
  virtflow service add <name> --owner <user> --role <role> [scope]   make a service that flows can run as
  virtflow service list | remove <name>
  virtflow role set <name> --permission <vm.*> …    make a role of your own, | list | remove <name>
  virtflow token create <user> [--permission …] [scope] [--days <n>|never] [--label <text>]
  virtflow token list | revoke <id>
  virtflow secret set <name>   keep a secret, read from standard input or asked for; settings name it \${secret:<name>}
  virtflow secret list | remove <name>|--all | rotate-key
  virtflow governor show | usage | check <file>     the rules in force, what is used of them; whether a file can be used
  virtflow governor kill --reason <text> [--cancel-running] | release
  virtflow audit verify [file] [--anchor <n:hash>] | export
      scope: --connection <name> --kind <vm> --selector "'web' in tags"

Of a virtflow that runs ("virtflow vm start --help" tells what a command takes):

${cli.help}

  --host <address>     where the editor listens; 127.0.0.1 when it is not given
  --port <number>      its port; 1880 when it is not given, 0 for any that is free
  --data-dir <path>    where flows and state are kept; ~/.local/share/virtflow when it is not given
  --verbose            log what Node-RED and virtflow do
  --json               print for programs
  --version, --help
`;

/** Does what the command line says, and answers the exit code. One sentence and advice tell what is wrong. */
export async function runCommand(args: readonly string[]): Promise<number> {
  try {
    // Whatever is written is for its owner alone: flows, credentials, state.
    process.umask(0o077);
    const cli = new Cli(allActions, connect, ownTerminal(), commandNames);
    if (cli.takes(args)) return await cli.run(args, interruption());
    const invocation = parseInvocation(args);
    if (invocation.command === 'help') process.stdout.write(help(cli));
    else if (invocation.command === 'version') console.log(packageVersion());
    else await commands[invocation.command](invocation.options);
    return 0;
  } catch (thrown) {
    const error = toVirtflowError(thrown);
    console.error(`${error.message}\n${error.advice}`);
    if (error.code === 'INTERNAL' && error.cause instanceof Error) console.error(error.cause.stack);
    return exitCodeOf(error.code);
  }
}

/** Ctrl-C ends what waits; what was started goes on. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new VirtflowError('STOPPING')));
  return controller.signal;
}

const commands: Record<CommandName, (options: ServerOptions) => Promise<void>> = {
  start,
  password,
  mqtt,
  history,
  user: ({ dataDirectory, access, json }) => userCommand(dataDirectory, access, json),
  service: ({ dataDirectory, access, json }) => serviceCommand(dataDirectory, access, json),
  role: ({ dataDirectory, access, json }) => roleCommand(dataDirectory, access, json),
  token: ({ dataDirectory, access, json }) => tokenCommand(dataDirectory, access, json),
  secret: ({ dataDirectory, access, json }) => secretCommand(dataDirectory, access, json),
  governor: ({ dataDirectory, access, json }) => governorCommand(dataDirectory, access, json),
  audit: async ({ dataDirectory, access }) => auditCommand(dataDirectory, access),
};

async function start(options: ServerOptions): Promise<void> {
  const server = new Server(options);
  guardProcess(server.log, () => server.stop());
  const { url, password } = await server.start();
  console.log(`virtflow runs at ${url}`);
  if (password === undefined) return;
  console.log(`\n  user      admin\n  password  ${password}\n`);
  console.log('The password is shown this once; "virtflow password" makes a new one.');
  console.log(`Flows and state are kept in ${options.dataDirectory}`);
}

/** Works beside a running virtflow too: the next login asks for the new password. */
async function password({ dataDirectory, access: { words } }: ServerOptions): Promise<void> {
  const [name = firstAdministrator] = words;
  const fresh = await withAccess(dataDirectory, (access) => renewPassword(access, whoTypes(), name));
  console.log(`user      ${name}\npassword  ${fresh}`);
}

async function mqtt({ dataDirectory }: ServerOptions): Promise<void> {
  const { broker, baseTopic } = readSettingsFile(dataDirectory).mqtt;
  if (broker === 'off') return console.log('MQTT is off.');
  if (broker !== 'embedded') return console.log(`virtflow uses the broker at ${broker.url}, under ${baseTopic}/#`);
  const account = readAccount(dataDirectory);
  if (!account) return console.log('The broker is made at the first start.');
  console.log(`host      127.0.0.1\nport      ${account.port}`);
  console.log(`user      ${account.username}\npassword  ${account.password}`);
  console.log(`\nKept in ${accountFile(dataDirectory)}. To see everything:`);
  const credentials = `-u ${account.username} -P '${account.password}'`;
  console.log(`  mosquitto_sub -h 127.0.0.1 -p ${account.port} ${credentials} -v -t '${baseTopic}/#'`);
}

async function history({ dataDirectory, json }: ServerOptions): Promise<void> {
  printHistory(dataDirectory, json);
}
