/**
 * The request that asks for the same again, for those who want to do it from elsewhere. Parameters that are not shown
 * have to be filled in.
 * @param {OperationDetail} operation
 */
function requestBody({ target, parameters, mode }) {
  const where = target.kind === 'connection' ? target.connection : target;
  return { target: where, parameters, ...(mode === 'plan' ? { plan: true } : {}) };
}

/** Where the API stands, for a command line on another machine. */
function restAddress() {
  return new URL('virtflow/v1', document.baseURI).href;
}

/** @param {OperationDetail} operation */
export function asJson(operation) {
  return JSON.stringify(operation, null, 2);
}

/** @param {OperationDetail} operation */
export function asRestCall(operation) {
  const body = JSON.stringify(requestBody(operation)).replaceAll("'", "'\\''");
  return [
    `curl -X POST '${restAddress()}/actions/${operation.action}'`,
    `-H "Authorization: Bearer $VIRTFLOW_TOKEN"`,
    `-H 'Content-Type: application/json'`,
    `-d '${body}'`,
  ].join(' \\\n  ');
}

/** @param {OperationDetail} operation */
export function asMqttMessage(operation) {
  const payload = { ...requestBody(operation), correlationId: crypto.randomUUID?.() ?? String(Date.now()) };
  return `virtflow/command/${operation.action}\n${JSON.stringify(payload, null, 2)}`;
}

/** @param {string} text @param {Element} beside where it is said that it was copied */
export function copy(text, beside) {
  RED.clipboard.copyText(text, $(beside), 'clipboard.copyMessageValue');
}
