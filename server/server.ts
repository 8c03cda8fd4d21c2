import { existsSync, mkdirSync } from 'node:fs';
import type { Server as WebServer } from 'node:http';
import { join } from 'node:path';
import { readAccount } from '../lib/api/mqtt/account.ts';
import { Platform, usePlatform } from '../lib/platform.ts';
import { adoptAdministrator, makeAdministrator } from './access/administrator.ts';
import { DeployGuard } from './access/deploy-guard.ts';
import { editorAudit } from './access/editor-audit.ts';
import { EditorLogin } from './access/editor-login.ts';
import { auditSettings } from './access/settings-audit.ts';
import { credentialSecret } from './credential-secret.ts';
import { EmbeddedNodeRed } from './embedded-node-red.ts';
import { writeFirstFlows } from './first-flows.ts';
import { checkFlowFile } from './flow-file.ts';
import { listen, urlOf } from './listen.ts';
import { findLocalLibvirt } from './local-libvirt.ts';
import { ServerLog } from './log.ts';
import { credentialFileOf, flowFileOf, nodeRedSettings } from './node-red-settings.ts';
import type { ServerOptions } from './options.ts';
import { forgetAddress, noteAddress } from './remote/address-file.ts';
import { readSettingsFile } from './settings-file.ts';

/** What people need to know after a start. */
export interface Running {
  readonly url: string;
  /** At the first start only. */
  readonly password: string | undefined;
}

/** Flows may take this long to close, of the five seconds that a stop may last. */
const flowsStopWithinMs = 1_500;
const brokerStartsWithinMs = 2_000;

/** The platform and a Node-RED of its own, in one process. */
export class Server {
  readonly #options: ServerOptions;
  readonly #userDirectory: string;
  readonly log: ServerLog;
  #platform: Platform | undefined;
  #web: WebServer | undefined;
  #nodeRed: EmbeddedNodeRed | undefined;
  #hasNoted = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#userDirectory = join(options.dataDirectory, 'node-red');
    this.log = new ServerLog(options.verbose);
  }

  /**
   * Takes the data directory, then the port, and only then makes or changes anything.
   * @throws DATA_DIRECTORY_BUSY, DATA_DIRECTORY_UNUSABLE, PORT_BUSY, OPTION_INVALID, FLOWS_BROKEN, STORE_BROKEN,
   * STORE_FULL, NODE_RED_MISSING
   */
  async start(): Promise<Running> {
    try {
      return await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the flows, settles or records operations, closes all sockets. Stopping twice is fine. */
  async stop(): Promise<void> {
    const [nodeRed, web, platform] = [this.#nodeRed, this.#web, this.#platform];
    this.#nodeRed = undefined;
    this.#web = undefined;
    this.#platform = undefined;
    if (this.#hasNoted) forgetAddress(this.#options.dataDirectory);
    this.#hasNoted = false;
    await this.#stopFlows(nodeRed);
    web?.close();
    web?.closeAllConnections();
    await platform?.stop();
    usePlatform(undefined);
  }

  async #start(): Promise<Running> {
    const { dataDirectory, host, port } = this.#options;
    const settings = readSettingsFile(dataDirectory);
    this.#platform = new Platform({ dataDirectory, log: this.log, ...settings });
    this.#web = await listen(host, port);
    checkFlowFile(flowFileOf(this.#userDirectory));
    this.#nodeRed = await EmbeddedNodeRed.load(this.#web);
    usePlatform(this.#platform);
    auditSettings(this.#platform, settings);
    const password = await this.#startNodeRed(this.#nodeRed, this.#platform);
    const url = urlOf(this.#web);
    noteAddress(dataDirectory, url);
    this.#hasNoted = true;
    return { url, password };
  }

  async #startNodeRed(nodeRed: EmbeddedNodeRed, platform: Platform): Promise<string | undefined> {
    const { dataDirectory, verbose } = this.#options;
    const userDirectory = this.#userDirectory;
    mkdirSync(userDirectory, { recursive: true, mode: 0o700 });
    const secret = credentialSecret(dataDirectory, credentialFileOf(userDirectory));
    const login = new EditorLogin(platform.access, this.log);
    const audit = editorAudit(platform.access, this.log);
    nodeRed.init(nodeRedSettings({ userDirectory, credentialSecret: secret, login, audit, verbose }));
    this.log.use(nodeRed.log);
    platform.start();
    adoptAdministrator(platform.access, dataDirectory);
    if (!existsSync(flowFileOf(userDirectory))) await this.#makeFirstFlows(platform, secret);
    const guard = new DeployGuard(platform.access);
    nodeRed.guardDeploys((user, before, after) => guard.check(user, before, after));
    await nodeRed.start([platform.rest, platform.approvePage, ...platform.pages]);
    return makeAdministrator(platform.access);
  }

  async #makeFirstFlows(platform: Platform, secret: string): Promise<void> {
    const { dataDirectory } = this.#options;
    // The broker chooses its port as it starts; where it cannot, the flows do without.
    await platform.mqtt.connected(AbortSignal.timeout(brokerStartsWithinMs)).catch(() => undefined);
    writeFirstFlows({
      flowFile: flowFileOf(this.#userDirectory),
      credentialFile: credentialFileOf(this.#userDirectory),
      credentialSecret: secret,
      libvirtUri: await findLocalLibvirt(),
      broker: readAccount(dataDirectory),
    });
  }

  async #stopFlows(nodeRed: EmbeddedNodeRed | undefined): Promise<void> {
    if (!nodeRed) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('late'), flowsStopWithinMs);
    });
    const outcome = await Promise.race([nodeRed.stop().catch(String), late]);
    clearTimeout(timer);
    if (outcome === 'late') this.log.warn('Some nodes of the flows did not close in time.');
  }
}
