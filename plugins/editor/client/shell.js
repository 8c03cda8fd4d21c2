/**
 * What is asked of the page that all this stands in: here Node-RED's editor. The page of alerts has one of its own
 * (`plugins/editor/alerts-page/shell.js`).
 */
export const shell = {
  /** virtflow's REST API, below the editor's own address wherever that is. */
  api: 'virtflow/v1',
  dashboards: 'dashboards',
  /** Who is logged in; empty where nobody has to. */
  user: () => RED.settings.user?.username ?? '',
  language: () => RED.i18n.lang() || undefined,
  /**
   * A text of the editor's catalogue in the user's language.
   * @param {string} key
   * @param {Record<string, unknown>} [values]
   */
  words: (key, values) => RED._(`@virtflow/node-red/editor:${key}`, values),
  /** What a request says of who asks. @returns {Record<string, string>} */
  credentials() {
    const token = tokenOf(RED.settings.get('auth-tokens'));
    // Pages from elsewhere cannot set it; see the platform's plugin.
    return { 'virtflow-editor': '1', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  },
  /** Whoever asks is not let in: the editor says so itself. */
  denied: () => undefined,
};

/** @param {unknown} tokens */
function tokenOf(tokens) {
  if (typeof tokens !== 'object' || tokens === null || !('access_token' in tokens)) return undefined;
  return typeof tokens.access_token === 'string' ? tokens.access_token : undefined;
}
