import { requireLab } from '../lab/availability.ts';
import { Editor, type EditorOptions, openBrowser } from './browser.ts';
import { buildPackage } from './package.ts';
import { NodeRedProcess } from './start.ts';
import { type VirtflowOptions, VirtflowWithEditor } from './virtflow.ts';

export interface Opened {
  readonly nodeRed: NodeRedProcess;
  readonly editor: Editor;
}

/** Opens a Node-RED with these flows and our nodes, and its editor; closed when the test has ended. */
export type OpenEditor = (flows: readonly object[], options?: EditorOptions) => Promise<Opened>;

/** For the top of a suite: builds the package and starts a browser before it, takes both away afterwards. */
export function inEditor(): OpenEditor {
  let built: ReturnType<typeof buildPackage> | undefined;
  let chromium: Awaited<ReturnType<typeof openBrowser>> | undefined;
  const opened: Opened[] = [];

  before(async function () {
    await requireLab(this, 'chromium');
    built = buildPackage();
    chromium = await openBrowser();
  });
  after(async () => {
    await chromium?.close();
    built?.remove();
  });
  afterEach(async () => {
    for (const { editor, nodeRed } of opened.splice(0)) {
      await editor.page.close();
      await nodeRed.stop();
    }
  });

  return async (flows, options = {}) => {
    if (!built || !chromium) throw new Error('the suite has not begun');
    const nodeRed = await NodeRedProcess.start({ packagePath: built.path, flows });
    const editor = await Editor.open(chromium.browser, nodeRed.url, options);
    opened.push({ nodeRed, editor });
    return { nodeRed, editor };
  };
}

/** For the top of a suite: a browser and a virtflow that all of its tests share. */
export function inVirtflow(options: () => Omit<VirtflowOptions, 'packagePath'>): SharedVirtflow {
  const shared = new SharedVirtflow();
  before(async function () {
    await requireLab(this, 'chromium');
    await shared.start(options());
  });
  afterEach(async function () {
    await shared.leave(this.currentTest?.state === 'passed');
  });
  after(() => shared.stop());
  return shared;
}

export class SharedVirtflow {
  #chromium: Awaited<ReturnType<typeof openBrowser>> | undefined;
  #virtflow: VirtflowWithEditor | undefined;
  #editor: Editor | undefined;
  /** How the page was opened that the next test may go on with; empty where it may not. */
  #keptAs = '';

  get virtflow(): VirtflowWithEditor {
    if (!this.#virtflow) throw new Error('the suite has not begun');
    return this.#virtflow;
  }

  async start(options: Omit<VirtflowOptions, 'packagePath'>): Promise<void> {
    this.#chromium = await openBrowser();
    this.#virtflow = await VirtflowWithEditor.start({ packagePath: buildPackage().path, ...options });
  }

  /** The editor in a new page, which is closed when the test has ended. @param url another way to it */
  async open(options: EditorOptions = {}, url?: string): Promise<Editor> {
    if (!this.#chromium) throw new Error('the suite has not begun');
    await this.#close();
    this.#editor = await this.virtflow.open(this.#chromium.browser, options, url);
    return this.#editor;
  }

  /**
   * The editor in the page of the test before, if that was opened so as well: loading it takes seconds. For tests that
   * leave nothing behind but what their suite puts back.
   */
  async look(options: EditorOptions = {}): Promise<Editor> {
    const as = JSON.stringify(options);
    if (this.#editor && this.#keptAs === as) return this.#editor;
    const editor = await this.open(options);
    this.#keptAs = as;
    return editor;
  }

  /** A page in which a test failed is not gone on with. */
  async leave(hasPassed: boolean): Promise<void> {
    if (!hasPassed || this.#keptAs === '') await this.#close();
  }

  async stop(): Promise<void> {
    await this.#virtflow?.stop();
    await this.#chromium?.close();
  }

  async #close(): Promise<void> {
    const editor = this.#editor;
    [this.#editor, this.#keptAs] = [undefined, ''];
    await editor?.page.close();
  }
}
