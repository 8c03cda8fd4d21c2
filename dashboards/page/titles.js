import { german } from './german.js';
import { isGerman } from './words.js';

function said(text) {
  return isGerman && Object.hasOwn(german, text) ? german[text] : text;
}

/** A dashboard's title, where it came with virtflow. */
export function titleOf({ title, own }) {
  return own ? title : said(title);
}

/** A shipped dashboard in the language of whoever looks. */
export function translated(file) {
  if (!isGerman) return file;
  const panelOf = (panel) => ({
    ...panel,
    title: said(panel.title),
    description: said(panel.description),
    ...(panel.panels ? { panels: panel.panels.map(panelOf) } : {}),
    ...(panel.fieldConfig
      ? { fieldConfig: { ...panel.fieldConfig, defaults: inWords(panel.fieldConfig.defaults) } }
      : {}),
  });
  return { ...file, title: said(file.title), panels: file.panels.map(panelOf) };
}

/** How a field is shown, with its name, where it is one that a shipped file gave. */
export function inWords(config, name = '') {
  if (!isGerman) return config;
  const { noValue, mappings, links, displayName } = config;
  const textOf = (result) => (result?.text ? { ...result, text: said(result.text) } : result);
  const valueMap = ({ type, options }) => ({
    type,
    options: Object.fromEntries(Object.entries(options).map(([key, result]) => [key, textOf(result)])),
  });
  const inMapping = (one) => {
    if (one.type === 'value') return valueMap(one);
    return one.options.result ? { ...one, options: { ...one.options, result: textOf(one.options.result) } } : one;
  };
  return {
    ...config,
    ...(noValue ? { noValue: said(noValue) } : {}),
    ...(mappings ? { mappings: mappings.map(inMapping) } : {}),
    ...(links ? { links: links.map((link) => ({ ...link, title: said(link.title) })) } : {}),
    ...(!displayName && said(name) !== name ? { displayName: said(name) } : {}),
  };
}

/** Variables and annotations by their names for people. */
export function labelOf(label) {
  return said(label);
}
