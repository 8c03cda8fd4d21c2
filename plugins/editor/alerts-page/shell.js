/** What the modules of the editor's sidebar ask of the page that they stand in: here a page of its own. */

const base = document.body.dataset.base ?? '/alerts';
/** Where the editor is, and the API and the other pages beside it. */
export const editor = base.replace(/\/alerts$/, '');

const kept = (() => {
  try {
    return localStorage.getItem('editor-language') ?? '';
  } catch {
    return '';
  }
})();
const language = [kept, ...navigator.languages].find((one) => /^(en|de)\b/.test(one)) ?? 'en-US';
const catalogue = await fetch(`${base}/page/${language.startsWith('de') ? 'de' : 'en-US'}.json`).then((answer) =>
  answer.json(),
);
document.documentElement.lang = language;

/** Not kept anywhere: it is gone with the page. */
let typed = '';

/** @param {string} token */
export function useToken(token) {
  typed = token;
}

/** Node-RED keeps a session under a name that ends in the path of the editor. */
function editorSession() {
  try {
    return String(
      JSON.parse(localStorage.getItem(`auth-tokens${editor.replaceAll('/', '-')}`) ?? '{}').access_token ?? '',
    );
  } catch {
    return '';
  }
}

export const shell = {
  api: `${editor}/virtflow/v1`,
  dashboards: `${editor}/dashboards`,
  user: () => '',
  language: () => language,
  /**
   * As i18next does it: `alerts.title`, with `__name__` for what is filled in.
   * @param {string} key
   * @param {Record<string, unknown>} [values]
   */
  words(key, values = {}) {
    const found = key.split('.').reduce((part, name) => Object(part)[name], catalogue);
    const text = typeof found === 'string' ? found : String(values.defaultValue ?? key);
    return text.replace(/__(\w+?)__/g, (whole, name) => (name in values ? String(values[name]) : whole));
  },
  /** Without a token of its own the page comes as the editor does. @returns {Record<string, string>} */
  credentials() {
    const token = typed || editorSession();
    return { ...(typed ? {} : { 'virtflow-editor': '1' }), ...(token ? { authorization: `Bearer ${token}` } : {}) };
  },
  /** Whoever asks is not let in. */
  denied: () => {
    document.dispatchEvent(new Event('virtflow-denied'));
  },
};
