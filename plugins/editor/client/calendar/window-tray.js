import { words } from '../words.js';
import { windowForm } from './window-form.js';

/**
 * The form of a window, in the editor's tray.
 * @param {CalendarWindow} window one without an id is new
 * @param {Parameters<typeof windowForm>[1]} ways
 */
export function showWindowTray(window, ways) {
  const form = windowForm(window, ways);
  RED.tray.show({
    title: words(window.id === '' ? 'calendar.form.new' : 'calendar.form.title'),
    width: 560,
    buttons: [
      { id: 'virtflow-window-cancel', text: words('calendar.form.cancel'), click: () => RED.tray.close() },
      {
        id: 'virtflow-window-save',
        class: 'primary',
        text: words('calendar.form.save'),
        click: () => void form.save().then((isSaved) => isSaved && RED.tray.close()),
      },
    ],
    open: (tray) => {
      tray.find('.red-ui-tray-body').get(0)?.append(form.element);
      form.element.querySelector('input')?.focus();
    },
    close: () => form.stop(),
  });
}
