import { make } from '../dom.js';
import { rest, restResponse } from '../operations/rest.js';

/** @param {string} id */
export function runSchedule(id) {
  return rest('POST', `/schedules/${encodeURIComponent(id)}/run`);
}

/** @param {string} id @param {boolean} enabled */
export function enableSchedule(id, enabled) {
  return rest('POST', `/schedules/${encodeURIComponent(id)}/${enabled ? 'enable' : 'disable'}`);
}

/** @param {CalendarWindow} window */
export function putWindow(window) {
  return restResponse(windowPath(window.id), { method: 'PUT', body: JSON.stringify({ window }) });
}

/** @param {string} id */
export function deleteWindow(id) {
  return restResponse(windowPath(id), { method: 'DELETE' });
}

/** @param {string} id @param {string} reason @param {number} minutes */
export function overrideWindow(id, reason, minutes) {
  return restResponse(overridePath(id), { method: 'POST', body: JSON.stringify({ reason, minutes }) });
}

/** @param {string} id */
export function endOverride(id) {
  return restResponse(overridePath(id), { method: 'DELETE' });
}

/** Has the browser save the calendar as a file. */
export async function saveCalendar() {
  const response = await restResponse('/calendar.ics', { method: 'GET' });
  const url = URL.createObjectURL(await response.blob());
  make('a', { href: url, download: 'virtflow.ics' }).click();
  URL.revokeObjectURL(url);
}

/** @param {string} id */
function overridePath(id) {
  return `${windowPath(id)}/override`;
}

/** @param {string} id */
function windowPath(id) {
  return `/calendar/windows/${encodeURIComponent(id)}`;
}
