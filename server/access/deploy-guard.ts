import type { Access } from '../../lib/access/access.ts';
import type { Principal } from '../../lib/access/decision.ts';
import { mayUse } from '../../lib/access/identity.ts';
import { VirtflowError } from '../../lib/model/errors.ts';
import { entriesOf, type FlowEntry, newlyRunAs } from './run-as.ts';

/** Who deploys, as the editor's login told Node-RED; nobody where Node-RED itself does. */
type Deployer = unknown;

/** Says whether somebody may deploy flows that act as the services which they name. */
export class DeployGuard {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** Before anything of it is saved. @throws IDENTITY_UNKNOWN, IDENTITY_DENIED, IDENTITY_INVALID, TOKEN_INVALID */
  async check(deployer: Deployer, before: unknown, after: unknown): Promise<void> {
    const who = this.#principal(deployer);
    const audit = this.#access.audit;
    for (const { flow, identity } of newlyRunAs(entriesOf(before), entriesOf(after))) {
      try {
        const service = this.#access.accounts.service(identity);
        if (!(await mayUse(who, service)))
          throw new VirtflowError('IDENTITY_DENIED', { user: who.name, identity, flow });
      } catch (error) {
        audit.append('identity.refused', who.name, { identity, flow });
        throw error;
      }
      audit.append('identity.used', who.name, { identity, flow });
    }
  }

  /** Somebody with a token may no more than it. */
  #principal(deployer: Deployer): Principal {
    if (typeof deployer !== 'object' || deployer === null) return { name: 'node-red', grants: [] };
    const { principals, tokens } = this.#access;
    if ('tokenId' in deployer && typeof deployer.tokenId === 'string') {
      return principals.ofToken(tokens.living(deployer.tokenId));
    }
    return principals.named('username' in deployer ? String(deployer.username) : '');
  }
}

/** All flows as they would be once one of them is added or replaced; `global` holds what stands on no tab. */
export function withFlow(before: readonly FlowEntry[], id: string | undefined, flow: unknown): readonly FlowEntry[] {
  const [given] = entriesOf([flow]);
  if (!given) return before;
  const { nodes, configs, subflows, ...tab } = given;
  const inside = [...entriesOf(nodes), ...entriesOf(configs)];
  if (id === 'global') {
    const parts = entriesOf(subflows).flatMap((one) => [one, ...entriesOf(one.nodes), ...entriesOf(one.configs)]);
    const given = new Set([...inside, ...parts].map((one) => one.id));
    return [...before.filter((one) => !given.has(one.id)), ...inside, ...parts];
  }
  const own = id ?? 'a new flow';
  const others = before.filter((one) => one.id !== own && one.z !== own);
  return [...others, { ...tab, id: own, type: 'tab' }, ...inside.map((one) => ({ ...one, z: own }))];
}
