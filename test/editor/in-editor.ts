import { requireLab } from '../lab/availability.ts';
import { Editor, type EditorOptions, openBrowser } from './browser.ts';
import { buildPackage } from './package.ts';
import { NodeRedProcess } from './start.ts';

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
