/** Every error that a user can see: its stable code, what happened, and what to do. Placeholders name `details`. */
export const catalogue = {
  // Finding things
  REFERENCE_INVALID: {
    message: '"{text}" is not a reference to an object.',
    advice: 'Write it as connection/kind/id, for example lab/vm/3f0c….',
  },
  CONNECTION_UNKNOWN: {
    message: 'There is no connection named "{connection}".',
    advice: 'Connections that exist: {known}. Add one as a connection node and deploy.',
  },
  OBJECT_UNKNOWN: {
    message: 'No {kind} matches "{target}".',
    advice: 'Check the name; {hint}',
  },
  OBJECT_AMBIGUOUS: {
    message: '"{target}" matches {count} objects: {matches}.',
    advice: 'Put the connection in front (connection/name) or use the id.',
  },
  TARGET_MISSING: {
    message: 'No target was given.',
    advice: 'Choose one in the node, or send it as msg.target: a name, an id, a selector or a list.',
  },
  TARGET_INVALID: {
    message: 'The target cannot be read: {reason}.',
    advice: 'A target is a name, an id, connection/name, { "selector": "power = \'running\'" } or a list of those.',
  },
  SELECTOR_INVALID: {
    message: 'The selector "{selector}" cannot be used: {reason}.',
    advice: "A selector is a JSONata condition over an object, for example power = 'running' and 'web' in tags.",
  },

  // Connections
  CONNECTION_SETTINGS_INVALID: {
    message: 'The settings of connection "{connection}" cannot be used: {reason}.',
    advice: '{hint}',
  },
  CONNECTION_NAME_TAKEN: {
    message: 'Two connections are named "{connection}".',
    advice: 'Names of connections are unique, for targets, topics and metrics use them: rename one.',
  },
  CONNECTION_REFUSED: {
    message: 'The hypervisor at {address} cannot be reached: {reason}.',
    advice: 'Check the address, that the daemon runs there, and that a firewall lets you through.',
  },
  CONNECTION_DENIED: {
    message: 'The hypervisor at {address} refused us: {reason}.',
    advice: 'Check user and password, or the rights on its socket.',
  },
  CONNECTION_LOST: {
    message: 'The connection "{connection}" broke: {reason}.',
    advice: 'It is tried again by itself; what was under way is settled by asking the hypervisor.',
  },
  CONNECTION_DOWN: {
    message: 'The connection "{connection}" is down: {reason}.',
    advice: 'It is tried again by itself; repeat the action once it is up.',
  },
  PROTOCOL_VIOLATION: {
    message: 'The peer at {address} sent something that is not its protocol: {reason}.',
    advice: 'Check that the address leads to the hypervisor and not to another service.',
  },
  CAPABILITY_MISSING: {
    message: 'The connection "{connection}" cannot do this: it lacks {missing}.',
    advice: 'Use a connection whose hypervisor offers it, or another action.',
  },

  // Actions and operations
  ACTION_UNKNOWN: {
    message: 'There is no action "{action}".',
    advice: 'Known actions: {known}.',
  },
  PARAMETER_INVALID: {
    message: 'The parameter {parameter} cannot be used: {reason}.',
    advice: 'Correct it and try again; nothing was done.',
  },
  STATE_FORBIDS: {
    message: '{kind} "{name}" is {actual}; {action} needs it to be {expected}.',
    advice: 'Bring it into that state first; nothing was done.',
  },
  CHANGE_OUTSIDE_OPERATION: {
    message: 'The call {call} changes the hypervisor and was made outside an operation.',
    advice: 'This is a defect of virtflow or of a plugin: please report it. Nothing was sent.',
  },
  CHANGE_IN_PLAN: {
    message: 'The call {call} changes the hypervisor and was refused in a plan.',
    advice: 'Run the operation without plan mode to have it done.',
  },
  OPERATION_UNKNOWN: {
    message: 'There is no operation "{operation}".',
    advice: 'It may have left the history; look at the list of operations.',
  },
  TASK_GONE: {
    message: 'No task that could be stopped runs on "{name}" any more.',
    advice: 'Look at the object: it has come to its end meanwhile.',
  },
  TASK_AMBIGUOUS: {
    message: '{count} tasks run on "{name}": {tasks}.',
    advice: 'Name one of them as the parameter task.',
  },
  TASK_NOT_CANCELLABLE: {
    message: 'The hypervisor cannot stop this task: {operation} of "{name}".',
    advice: 'Wait until it has come to its end; nothing was done.',
  },
  TASK_FAILED: {
    message: 'The hypervisor\'s own task, {operation} of "{name}", failed: {reason}.',
    advice: 'Mend what the reason names, look at the object, and repeat the action.',
  },
  OPERATION_CANCELLED: {
    message: 'The operation was cancelled{by}.',
    advice: 'Look at the object before you repeat it: what was done until then stays done.',
  },
  OPERATION_TIMED_OUT: {
    message: '{action} of {target} did not finish within {seconds} s.',
    advice: 'Look at the object, then repeat it with a longer time-out, or by force.',
  },
  OPERATION_INTERRUPTED: {
    message: '{action} of {target} was interrupted and is not done: {reason}.',
    advice: 'Repeat it if it is still wanted.',
  },
  OPERATION_OUTCOME_UNKNOWN: {
    message: '{action} of {target} was interrupted, and whether it was done cannot be told: {reason}.',
    advice: 'Look at the object and decide; nothing is repeated by itself.',
  },
  OPERATION_PARTIAL: {
    message: '{failed} of {count} parts failed: {reasons}.',
    advice: 'What succeeded stays done; mend the cause and repeat the rest.',
  },
  PROCEDURE_UNKNOWN: {
    message: 'The hypervisor has no procedure "{procedure}".',
    advice: 'Give its name as the interface has it, such as CONNECT_GET_VERSION.',
  },
  PROCEDURE_CLOSED: {
    message: '{procedure} cannot be called by name: {reason}.',
    advice: 'Use an action or node that does what is wanted; nothing was sent.',
  },
  PROCEDURE_CHANGES: {
    message: '{procedure} may change something.',
    advice: 'Use the action connection.call for it; nothing was sent.',
  },
  GROUP_INVALID: {
    message: 'The group cannot be done: {reason}.',
    advice: 'Correct it and try again; nothing was done.',
  },
  STEP_SKIPPED: {
    message: '{action} of {target} was not begun: {reason}.',
    advice: 'Mend what stands against it, and have the group tried again: what succeeded is left alone.',
  },
  GROUP_ROLLED_BACK: {
    message: 'It was taken back, for a part of it failed. {reason}.',
    advice: 'All is as it was before; mend the cause and repeat it.',
  },
  GROUP_ROLL_BACK_INCOMPLETE: {
    message: 'A part of it failed, and not all that was done could be taken back. {reason}.',
    advice: 'The operation lists what is left; look at it and decide.',
  },
  UNDO_IMPOSSIBLE: {
    message: '{action} of {target} cannot be taken back: {reason}.',
    advice: 'Look at the object and do by hand what is wanted; nothing was done.',
  },
  RETRY_IMPOSSIBLE: {
    message: '{action} of {target} cannot be tried again: {reason}.',
    advice: 'Ask for it anew; nothing was done.',
  },
  SHUTDOWN_TIMED_OUT: {
    message: 'The guest of "{name}" did not shut down within {seconds} s.',
    advice: 'Install the guest agent or ACPI support in the guest, wait longer, or allow force after the time-out.',
  },
  STATE_NOT_REACHED: {
    message: 'The hypervisor took the request, but "{name}" did not become {expected} within {seconds} s.',
    advice: "Look at the VM: it may have failed right after, and the host's log says why.",
  },
  DEFINITION_INVALID: {
    message: 'The definition cannot be used: {reason}.',
    advice: 'Correct it and try again; nothing was done.',
  },
  DISK_IN_USE: {
    message: 'The disk {disk} is also used by {users}.',
    advice: 'Leave it out of the deletion, or detach it there first.',
  },
  SNAPSHOT_FOREIGN: {
    message: 'The snapshot {name} of {vm} was not made by virtflow.',
    advice: 'Say that one of others may be deleted as well, if that is meant.',
  },

  // What the hypervisor said
  AGENT_UNAVAILABLE: {
    message: 'The guest agent of "{name}" does not answer: {reason}.',
    advice: 'Install and start qemu-guest-agent in the guest, or choose ACPI.',
  },
  HYPERVISOR_BUSY: {
    message: 'The hypervisor is busy with this object: {reason}.',
    advice: 'Wait for the other task, or cancel it.',
  },
  HYPERVISOR_DENIED: {
    message: 'The hypervisor does not allow it: {reason}.',
    advice: 'Give the connection an account with the rights it needs.',
  },
  HYPERVISOR_UNSUPPORTED: {
    message: 'The hypervisor does not support it: {reason}.',
    advice: 'Another version of the hypervisor, or another kind of object, may.',
  },
  HYPERVISOR_FAILED: {
    message: 'The hypervisor failed: {reason}.',
    advice: 'Its own log on {host} says more; code {hypervisorCode}.',
  },
  RESOURCES_EXHAUSTED: {
    message: 'The host has not enough {resource}: {reason}.',
    advice: 'Free some, or choose another host.',
  },

  // Schedules, rules, sinks
  SCHEDULE_INVALID: {
    message: 'The schedule cannot be used: {reason}.',
    advice: 'Choose another time, or correct the cron expression (minute hour day month weekday).',
  },
  SCHEDULE_UNKNOWN: {
    message: 'There is no schedule "{schedule}" that runs.',
    advice:
      'Name one by the id of its node, or by a name that only one has; GET /schedules lists them. Deploy its flow first.',
  },
  SCHEDULE_HELD: {
    message: '"{schedule}" is not started: {reason}',
    advice: 'Start it afterwards, or have the window overridden in an emergency.',
  },
  SCHEDULE_RUNNING: {
    message: '"{schedule}" is not started: its last run still goes on.',
    advice: 'Wait for its end, or let its runs overlap: the schedule says what to do then.',
  },
  WINDOWS_INVALID: {
    message: 'The windows of the calendar cannot be used: {reason}.',
    advice: 'Correct them; the windows from before stay in force. docs/calendar.md shows each kind.',
  },
  WINDOW_UNKNOWN: {
    message: 'The calendar has no window "{window}".',
    advice: 'GET /calendar/windows lists them.',
  },
  ICAL_INVALID: {
    message: 'The iCalendar cannot be used: {reason}.',
    advice: 'Give a calendar as RFC 5545 has it, from BEGIN:VCALENDAR on, with entries that have a DTSTART.',
  },
  WINDOW_BLACKOUT: {
    message: '{action} of {target} is not done: the blackout "{window}" lasts until {until} ({reason}).',
    advice: 'Repeat it afterwards, or have the window overridden in an emergency.',
  },
  WINDOW_OUTSIDE: {
    message: '{action} of {target} is only done in the maintenance window "{window}", which opens {until} ({reason}).',
    advice: 'Repeat it then, or have the window overridden in an emergency.',
  },
  RULE_INVALID: {
    message: 'The rule cannot be used: {reason}.',
    advice: 'Correct it; as it is, it does not run. docs/rules.md shows each kind.',
  },
  RULE_UNKNOWN: {
    message: 'There is no rule "{rule}".',
    advice: 'GET /rules and "virtflow rules list" show those of nodes and of rules.json.',
  },
  RULE_OF_NODE: {
    message: 'The rule "{rule}" is that of a node.',
    advice: 'Change it in its flow and deploy.',
  },
  BACKTEST_REFUSED: {
    message: 'The rule cannot be tried on the past: {reason}.',
    advice: 'Choose another range, or a rule over figures of the metric store.',
  },
  BACKTESTS_TOO_MANY: {
    message: '{limit} rules are being tried on the past already.',
    advice: 'Wait until one has ended.',
  },
  RULE_TEST_FAILED: {
    message: '{failed} of {count} tests of rules failed.',
    advice: 'Lines with - were expected and did not come, lines with + came and were not expected.',
  },
  SERVER_UNREACHABLE: {
    message: '{server} at {address} cannot be reached: {reason}.',
    advice: 'Check the address, that the server runs there, and that a firewall lets you through.',
  },
  SERVER_DENIED: {
    message: '{server} at {address} refused us: {reason}.',
    advice: 'Check database, user and password.',
  },
  SINK_UNREACHABLE: {
    message: '{sink} at {address} cannot be reached: {reason}.',
    advice: 'Samples are kept on disk and sent when it is back; {waiting} wait now.',
  },
  DASHBOARD_INVALID: {
    message: 'The dashboard file {file} cannot be used: {reason}.',
    advice: 'Mend it, or export it from Grafana once more ("Export as JSON", classic model), and put it in its place.',
  },
  DASHBOARD_UNKNOWN: {
    message: 'There is no dashboard with the uid "{uid}".',
    advice: 'GET /virtflow/v1/dashboards lists those that there are, and the files that cannot be used.',
  },
  SINK_REFUSED: {
    message: '{sink} at {address} refused the samples: {reason}.',
    advice: 'Check database, user and password; refused samples are kept aside in {file}.',
  },
  METRIC_QUERY_INVALID: {
    message: 'The metric query cannot be answered: {reason}.',
    advice:
      "A query is what Grafana's query builder for InfluxQL stores in a panel: measurement, select, groupBy, tags.",
  },
  METRIC_QUERY_TOO_LARGE: {
    message: 'The answer to the metric query would have more than {rows} rows.',
    advice: 'Ask for a longer interval, a shorter range, or fewer objects.',
  },
  METRICS_SETTINGS_INVALID: {
    message: 'The settings of metrics cannot be used: {reason}.',
    advice: 'docs/metrics.md tells what metrics.json may hold.',
  },
  METRIC_ENGINE_MISSING: {
    message: '{engine} cannot be loaded: {reason}.',
    advice:
      'Install the optional package {package}, or set store.engine in metrics.json to influxdb; what is sampled waits on disk until then.',
  },
  METRIC_STORE_UNREACHABLE: {
    message: 'The metric store ({store}, {address}) does not answer: {reason}.',
    advice: 'Samples wait on disk meanwhile and none is lost. Ask again when it is back.',
  },
  BUFFER_FULL: {
    message: 'The buffer of {sink} is full ({size}): the oldest {dropped} samples were given up.',
    advice: 'Bring the server back, or give the buffer more room.',
  },
  BROKER_UNREACHABLE: {
    message: 'The MQTT broker at {address} cannot be reached: {reason}.',
    advice: 'Check address, user and password; it is tried again by itself.',
  },
  BROKER_PORT_BUSY: {
    message: 'The MQTT broker inside virtflow cannot listen: port {port} on {host} is taken.',
    advice: 'Stop what uses it, or write another port into {file} and restart; it is tried again by itself.',
  },
  BROKER_REFUSED: {
    message: 'The MQTT broker at {address} refused {what}: {reason}.',
    advice: 'Give the account of virtflow the right to read its command topics and to write all of its topics.',
  },
  MESSAGE_INVALID: {
    message: 'The message cannot be used: {reason}.',
    advice: 'Correct it and send it again; nothing was done.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    message: 'The key of the request was used for another one before: {reason}.',
    advice: 'Give each request a key of its own; nothing was done.',
  },
  COMMANDS_TOO_MANY: {
    message: 'More than {limit} commands wait for their end.',
    advice: 'Wait for replies before you send more; this one was not done.',
  },

  // REST
  REQUEST_INVALID: {
    message: 'The request cannot be used: {reason}.',
    advice: 'Correct it and send it again; nothing was done. GET openapi.json tells what each route takes.',
  },
  ROUTE_UNKNOWN: {
    message: 'There is nothing at "{path}".',
    advice: 'GET openapi.json lists all routes; docs is a page to read them.',
  },
  METHOD_NOT_ALLOWED: {
    message: '{method} does nothing here.',
    advice: 'Use one of {allowed}.',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    message: 'A body of the type {type} cannot be read.',
    advice: 'Send JSON in UTF-8, with "Content-Type: application/json" and without compression.',
  },
  BODY_TOO_LARGE: {
    message: 'The body of the request is longer than {limit} bytes.',
    advice: 'Send less at once; nothing was done.',
  },
  REQUEST_TIMED_OUT: {
    message: 'The body of the request did not come in time.',
    advice: 'Send it again; nothing was done.',
  },
  REQUESTS_TOO_MANY: {
    message: 'More than {limit} requests wait for their answer.',
    advice: 'Wait for answers before you send more; this one was not done.',
  },
  CREDENTIALS_MISSING: {
    message: 'The request does not say who asks.',
    advice: 'Send the header "Authorization: Bearer vft_…"; "virtflow token create" makes such a token.',
  },
  EVENTS_TOO_SLOW: {
    message: 'The stream of events was ended, for {waiting} of them waited to be read.',
    advice: 'Connect again, read faster, or ask for fewer with filters; GET operations tells what became of those.',
  },
  EVENTS_TOO_OLD: {
    message: 'More happened since then than is told again: the latest {told} operations follow.',
    advice: 'GET operations with since= lists all of them.',
  },
  STARTING: {
    message: 'virtflow is starting.',
    advice: 'Try again in a second.',
  },

  // The governor
  GOVERNOR_STOPPED: {
    message: '{action} of {target} is not done: {by} stopped everything at {since} ({reason}).',
    advice: 'Wait until the kill switch is released, in the editor or with "virtflow governor release".',
  },
  GOVERNOR_READ_ONLY: {
    message: '{action} of {target} is not done: {text} (rule "{rule}" of the governor).',
    advice: 'Switch the rule off to change something there.',
  },
  GOVERNOR_PROTECTED: {
    message: '{action} of {target} is never done: {text} (rule "{rule}" of the governor).',
    advice: 'Take the protection from the object, or change the rule.',
  },
  GOVERNOR_STORM: {
    message: '{action} of {target} is not done, for too much was asked for at once: {text} (rule "{rule}"); {numbers}.',
    advice: 'Look for a loop in the flow. If it stays calm, it goes on at {frees}.',
  },
  GOVERNOR_BREAKER_OPEN: {
    message: '{action} of {target} is not done, for too much failed: {text} (rule "{rule}"); {numbers}.',
    advice: 'Mend what fails. A trial is allowed at {frees}.',
  },
  GOVERNOR_COOL_DOWN: {
    message: '{action} of {target} is not done, for the object has to rest: {text} (rule "{rule}").',
    advice: 'Repeat it at {frees}.',
  },
  GOVERNOR_BUDGET: {
    message: '{action} of {target} is over a budget: {text} (rule "{rule}"); {numbers}.',
    advice: 'Repeat it when there is room again: {frees}.',
  },
  GOVERNOR_SHARE: {
    message: '{action} of {target} would leave too few running: {text} (rule "{rule}"); {numbers}.',
    advice: 'Repeat it when others are up again.',
  },
  GOVERNOR_RULES_INVALID: {
    message: 'The rules of the governor cannot be used: {reason}.',
    advice: 'Correct them; the rules from before stay in force. docs/governor.md shows each kind.',
  },

  // Access
  ACCESS_DENIED: {
    message: '{principal} may not do {permission} on {target}: {reason}.',
    advice: 'Ask an administrator for the right ("virtflow user role"); nothing was done.',
  },
  LOGIN_FAILED: {
    message: 'There is no such user with this password.',
    advice: 'Check both; "virtflow password" gives a new one.',
  },
  LOCKED_OUT: {
    message: 'Too many logins failed.',
    advice: 'Try again in {seconds} s; each further failure doubles the time.',
  },
  TOKEN_INVALID: {
    message: 'The token cannot be used: {reason}.',
    advice: 'Log in again, or make another with "virtflow token create".',
  },
  TOKEN_UNKNOWN: {
    message: 'There is no API token "{id}".',
    advice: '"virtflow token list" lists those that there are.',
  },
  IDENTITY_UNKNOWN: {
    message: 'There is no service "{identity}" that flows could run as.',
    advice: '"virtflow service list" lists those that there are; "virtflow service add" makes one.',
  },
  IDENTITY_DENIED: {
    message: '{user} may not have flows run as "{identity}": "{flow}" would.',
    advice: 'Its owner may deploy that, and whom identities.use.{identity} is granted. Nothing was saved.',
  },
  IDENTITY_INVALID: {
    message: '"{flow}" does not say plainly which service it runs as: {reason}.',
    advice: 'Give VIRTFLOW_RUN_AS as a text, the name of a service. Nothing was saved.',
  },
  ACCOUNT_UNKNOWN: {
    message: 'There is no user "{account}".',
    advice: '"virtflow user list" lists those that there are.',
  },
  ACCOUNT_INVALID: {
    message: 'This cannot be done with "{account}": {reason}.',
    advice: 'Choose another; nothing was changed.',
  },
  ROLE_UNKNOWN: {
    message: 'There is no role "{role}".',
    advice: 'Roles that there are: {known}. "virtflow role set" makes another.',
  },
  ROLE_INVALID: {
    message: 'This cannot be done with the role "{role}": {reason}.',
    advice: 'Correct it and try again; nothing was changed.',
  },
  AUDIT_BROKEN: {
    message: 'The audit record does not hold from entry {sequence} on: {reason}.',
    advice: 'Keep a copy of the data directory: somebody or something changed what had been recorded.',
  },

  // Alerts
  ALERT_UNKNOWN: {
    message: 'There is no alert "{alert}".',
    advice: 'Alerts that are over are kept for 30 days; the list of alerts shows those that go on.',
  },
  ALERT_OVER: {
    message: 'The alert {alert} is {state} already.',
    advice: 'There is nothing to acknowledge any more.',
  },
  ALERT_SETTINGS_INVALID: {
    message: 'The routes and contacts of alerts cannot be used: {reason}.',
    advice: 'Correct alerts.json; docs/alerts.md tells what it is made of.',
  },
  SILENCE_UNKNOWN: {
    message: 'There is no silence "{silence}".',
    advice: 'Silences that are over are kept for 30 days; the list of silences shows them.',
  },
  SILENCE_INVALID: {
    message: 'The silence cannot be taken: {reason}.',
    advice: 'Say which alerts are meant, and until when or for how long.',
  },
  CONTACT_UNKNOWN: {
    message: 'There is no contact "{contact}".',
    advice: 'Contacts that exist: {known}. They are written in alerts.json.',
  },
  CONTACT_INVALID: {
    message: 'Nobody can be told by "{contact}": {reason}.',
    advice: 'Correct the settings of the node that brings this contact.',
  },
  NOTIFICATION_INVALID: {
    message: 'The message cannot be told to people: {reason}.',
    advice: 'Give the node a text, for instance in msg.payload.',
  },
  NOTIFICATION_FAILED: {
    message: 'The {type} channel did not take the message: {reason}.',
    advice: 'Check the settings of the contact and that its server can be reached.',
  },

  // Approvals
  APPROVAL_UNKNOWN: {
    message: 'There is no approval "{approval}".',
    advice: 'Approvals are kept for 90 days; the list of approvals shows those that are open.',
  },
  APPROVAL_NOT_YOURS: {
    message: '{principal} may not answer the approval {approval}: {reason}.',
    advice: 'Somebody else has to answer it, or an administrator grants approvals.answer there.',
  },
  APPROVAL_CHANGED: {
    message: 'What is to be approved has changed since it was looked at.',
    advice: 'Look at it again, for it is asked anew (round {round}); nothing was recorded.',
  },
  APPROVAL_CLOSED: {
    message: 'The approval {approval} is {state} already.',
    advice: 'Nothing is to be answered any more.',
  },
  APPROVAL_FORM_INVALID: {
    message: 'The answer cannot be used: {field}: {reason}.',
    advice: 'Correct it and answer again; nothing was recorded.',
  },
  APPROVAL_DENIED: {
    message: '{by} denied the approval{comment}.',
    advice: 'Nothing was done. Settle it with them, and ask again.',
  },
  APPROVAL_EXPIRED: {
    message: 'Nobody approved it within {seconds} s.',
    advice: 'Nothing was done. Ask again, when somebody is there who may approve it (policy "{policy}").',
  },
  APPROVAL_WITHDRAWN: {
    message: 'The approval was withdrawn before it was answered.',
    advice: 'Nothing was done; ask again if it is still wanted.',
  },
  APPROVAL_LINK_INVALID: {
    message: 'This link is not one of ours, or not whole.',
    advice: 'Open it as it stands in the message that brought it.',
  },
  APPROVAL_LINK_EXPIRED: {
    message: 'The time to answer by this link is over.',
    advice: 'Look in the list of approvals whether it is still open.',
  },
  APPROVAL_LINK_USED: {
    message: 'This link has been used.',
    advice: 'Each link is for one answer; the list of approvals in the editor takes others.',
  },
  APPROVAL_POLICY_INVALID: {
    message: 'The policies cannot be used: {reason}.',
    advice: 'Correct them; docs/approvals.md tells what a policy is made of.',
  },
  APPROVAL_MESSAGE_TOO_LARGE: {
    message: 'The message is too large to be kept until it is approved: {size} bytes, at most {limit}.',
    advice: 'Send only what is needed afterwards.',
  },
  APPROVALS_TOO_MANY: {
    message: 'More than {limit} messages wait for approval at this node.',
    advice: 'Have those answered or withdrawn first; this one was not kept.',
  },

  // Secrets
  SECRET_UNKNOWN: {
    message: 'There is no secret "{name}".',
    advice: '"virtflow secret list" lists those that there are, "virtflow secret set {name}" makes it.',
  },
  SECRET_INVALID: {
    message: 'The secret "{name}" cannot be kept: {reason}.',
    advice: 'Choose another; nothing was changed.',
  },
  SECRET_UNRESOLVED: {
    message: 'The secret {reference} cannot be had: {reason}.',
    advice: 'Correct the reference or what it names; nothing was done.',
  },
  SECRET_DAMAGED: {
    message: 'The secret "{name}" cannot be decrypted: somebody or something changed it.',
    advice: 'Set it again with "virtflow secret set", or restore the data directory from a backup.',
  },
  SECRET_KEY_MISSING: {
    message: 'The key of the secrets is not there: {source} holds none.',
    advice:
      'Put the key back that was there before: nothing is lost. Where it is gone for good, "virtflow secret remove --all" gives up what it encrypted.',
  },
  SECRET_KEY_WRONG: {
    message: 'The secrets are encrypted with another key than the one from {source}.',
    advice:
      'Put the key back that was there before: nothing is lost. Where it is gone for good, "virtflow secret remove --all" gives up what it encrypted.',
  },
  SECRET_KEY_INVALID: {
    message: 'The key from {source} cannot be used: {reason}.',
    advice: 'docs/secrets.md tells how a key is made and where it is looked for.',
  },
  SECRET_KEY_NOT_OURS: {
    message: 'The key comes from {source}, where virtflow cannot put another.',
    advice: 'Give the new key in VIRTFLOW_NEW_KEY_FILE, then put it in the place of the old one and restart virtflow.',
  },
  SECRET_KEYRING_UNAVAILABLE: {
    message: "The operating system's keyring cannot be asked: {reason}.",
    advice: 'Install libsecret-tools, run a keyring (the Secret Service on the session bus) and unlock it.',
  },

  // The house itself
  STORE_FULL: {
    message: 'The disk that holds {path} is full.',
    advice: 'Free some space there; nothing is started until it can be recorded.',
  },
  STORE_BROKEN: {
    message: 'The store at {path} cannot be read: {reason}.',
    advice: 'Restore it from a backup, or move it away to begin an empty one.',
  },
  DATA_DIRECTORY_UNUSABLE: {
    message: 'The directory {path} cannot be used: {reason}.',
    advice: 'Choose another with --data-dir, or correct its owner and mode.',
  },
  DATA_DIRECTORY_BUSY: {
    message: 'Another virtflow (process {pid}) runs on {path}.',
    advice: 'Stop it, or choose another directory with --data-dir.',
  },
  NOT_RUNNING: {
    message: 'No virtflow runs on {directory}.',
    advice: 'Start it ("virtflow start"), name its directory with --data-dir, or another virtflow with --url.',
  },
  PORT_BUSY: {
    message: 'Port {port} on {host} is taken.',
    advice: 'Choose another with --port, or stop what uses it.',
  },
  OPTION_INVALID: {
    message: 'The option {option} cannot be used: {reason}.',
    advice: 'virtflow --help lists the options.',
  },
  FLOWS_BROKEN: {
    message: 'The flow file {path} cannot be read: {reason}.',
    advice: 'It was left as it is. Correct it, or move it away to begin with the examples.',
  },
  SETTINGS_FILE_INVALID: {
    message: 'The settings in {path} cannot be used: {reason}.',
    advice: 'What was in force before stays so until the file is corrected; virtflow reads it again by itself.',
  },
  STOPPING: {
    message: 'virtflow is being stopped.',
    advice: 'Try again once it runs; what was accepted before is kept.',
  },
  NODE_RED_MISSING: {
    message: 'Node-RED 5 is not installed beside virtflow: {reason}.',
    advice: 'Install it with "npm install node-red@5", or use virtflow inside a Node-RED that you have already.',
  },
  INTERNAL: {
    message: 'Something went wrong inside virtflow: {reason}.',
    advice: 'This is a defect: please report it with the log.',
  },
} as const satisfies Record<string, { message: string; advice: string }>;

export type ErrorCode = keyof typeof catalogue;
