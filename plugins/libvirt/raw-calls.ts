import type { Job } from '../../lib/drivers/job.ts';
import type { RawArea, RawProcedure } from '../../lib/drivers/raw.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { type ErrorSite, toDriverError } from './error-map.ts';
import { fromJson, toJson } from './raw-json.ts';
import { type Arguments, type ProcedureName, RpcError } from './rpc/index.ts';
import { parametersOf, procedure, procedureNames } from './rpc/procedure.ts';
import type { Session } from './session.ts';

export interface RawPort {
  readonly connection: string;
  readonly address: string;
  session(): Session;
}

/** Those whose definitions hold passwords when VIR_DOMAIN_XML_SECURE (1) is asked for. */
const secured: ReadonlySet<string> = new Set([
  'DOMAIN_GET_XML_DESC',
  'DOMAIN_SAVE_IMAGE_GET_XML_DESC',
  'DOMAIN_MANAGED_SAVE_GET_XML_DESC',
  'DOMAIN_SNAPSHOT_GET_XML_DESC',
  'DOMAIN_CHECKPOINT_GET_XML_DESC',
]);
const secure = 1;

/** libvirt's RPC by the names of its procedures. */
export class LibvirtRaw implements RawArea {
  readonly #port: RawPort;

  constructor(port: RawPort) {
    this.#port = port;
  }

  procedures(): readonly RawProcedure[] {
    return procedureNames().map(describe);
  }

  async call(name: string, args: Readonly<Record<string, unknown>>, job: Job): Promise<unknown> {
    const known = procedureNames().find((one) => one === name);
    if (known === undefined) throw new VirtflowError('PROCEDURE_UNKNOWN', { procedure: name });
    const { closed } = describe(known);
    const reason =
      closed ?? (asksForSecrets(known, args) ? 'flag 1 asks for a definition with its passwords' : undefined);
    if (reason !== undefined) throw new VirtflowError('PROCEDURE_CLOSED', { procedure: name, reason });
    return this.#send(known, fromJson(parametersOf(known), args), job);
  }

  async #send(name: ProcedureName, args: Readonly<Record<string, unknown>>, job: Job): Promise<unknown> {
    const { daemon } = this.#port.session();
    try {
      // Which arguments a name takes is known when it runs; the encoder checks each before a byte leaves.
      return toJson(await daemon.call(name, args as unknown as Arguments<ProcedureName>, { job }));
    } catch (error) {
      if (error instanceof RpcError && error.code === 'ARGUMENT_INVALID') {
        const reason = error.message.replace(/\.$/, '');
        throw new VirtflowError('PARAMETER_INVALID', { parameter: 'arguments', reason }, { cause: error });
      }
      throw toDriverError(error, this.#site);
    }
  }

  get #site(): ErrorSite {
    const { connection, address } = this.#port;
    return { connection, address };
  }
}

function describe(name: ProcedureName): RawProcedure {
  const { effect } = procedure(name);
  const parameters = parametersOf(name).map(({ name: parameter, type }) => ({ name: parameter, type }));
  const closed = closedBecause(name);
  return { name, effect, parameters, ...(closed === undefined ? {} : { closed }) };
}

function closedBecause(name: ProcedureName): string | undefined {
  const { stream, passesFds } = procedure(name);
  if (stream) return 'it opens a stream';
  if (passesFds) return 'it passes file descriptors';
  // virtflow's own events, login and life come over the same connection.
  if (/^AUTH_|REGISTER|^CONNECT_(OPEN|CLOSE|SET_IDENTITY|SUPPORTS_FEATURE)$/.test(name)) {
    return 'it belongs to the connection itself';
  }
  // A migration's cookies and definitions carry passwords between two libvirts.
  if (name === 'SECRET_GET_VALUE' || /^DOMAIN_MIGRATE_(BEGIN|PREPARE|PERFORM|FINISH|CONFIRM)/.test(name)) {
    return 'its answer holds secrets';
  }
  return undefined;
}

function asksForSecrets(name: string, { flags }: Readonly<Record<string, unknown>>): boolean {
  return secured.has(name) && (typeof flags !== 'number' || (flags & secure) !== 0) && flags !== undefined;
}
