-- Who is told of alerts, by what ways, and what came of it. Nothing in these tables says what was found.

-- Where a member of staff is told of alerts beside the console. Rows with a MAC, as in the first migration.
CREATE TABLE staff_contacts (
  staff_id bigint PRIMARY KEY REFERENCES staff (id),
  sealed bytea,               -- the e-mail address, under the key-encryption key; NULL: nowhere else
  set_at bigint NOT NULL,
  version integer NOT NULL,
  mac bytea NOT NULL
);

-- Whom alerts are handed on to. Each version is a row, and the newest holds.
CREATE TABLE escalation_policies (
  version integer PRIMARY KEY CHECK (version > 0),
  steps text NOT NULL,        -- JSON: minutes, and numbers of staff
  reason bytea NOT NULL,      -- sealed under the key-encryption key
  set_at bigint NOT NULL,
  set_by text NOT NULL,       -- as the audit log names them
  mac bytea NOT NULL
);

-- One row for each time that somebody, or a webhook's receiver, is told of an alert. What waits by e-mail and webhook is
-- the outbox of deliveries; what waits at the console waits for the person's screen.
CREATE TABLE alert_tellings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id uuid NOT NULL UNIQUE, -- the same for every try, so that a receiver can tell a repetition
  alert_id bigint NOT NULL,
  patient_id uuid NOT NULL,
  level text NOT NULL CHECK (level IN ('warn', 'urgent')),
  raised_at bigint NOT NULL,
  step integer NOT NULL CHECK (step >= 0),
  way text NOT NULL CHECK (way IN ('console', 'email', 'webhook')),
  staff_id bigint REFERENCES staff (id),
  told_at bigint NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed', 'withdrawn')),
  settled_at bigint,          -- when it came to be in its state
  tries integer NOT NULL DEFAULT 0,
  next_try_at bigint,
  CHECK ((staff_id IS NULL) = (way = 'webhook')),
  CHECK ((state = 'waiting') = (settled_at IS NULL)),
  CHECK ((next_try_at IS NOT NULL) = (state = 'waiting' AND way <> 'console'))
);
CREATE INDEX alert_tellings_alert ON alert_tellings (alert_id);
CREATE INDEX alert_tellings_due ON alert_tellings (way, next_try_at) WHERE next_try_at IS NOT NULL;

-- Every try to deliver, and how it ended. A try without an end was cut off: the program stopped.
CREATE TABLE alert_telling_tries (
  telling_id bigint NOT NULL REFERENCES alert_tellings (id),
  try integer NOT NULL,
  began_at bigint NOT NULL,
  ended_at bigint,
  outcome text,               -- 'delivered', or why not
  PRIMARY KEY (telling_id, try)
);

-- Faults of the hospital itself that somebody must mend. One open row for each kind, counted.
CREATE TABLE system_alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  what text NOT NULL CHECK (what IN ('delivery-failed', 'nobody-to-tell', 'evaluation-failed')),
  way text NOT NULL CHECK (way IN ('', 'email', 'webhook')),
  reason text NOT NULL,
  count bigint NOT NULL,
  first_at bigint NOT NULL,
  last_at bigint NOT NULL,
  acknowledged_at bigint,
  acknowledged_by text,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
CREATE UNIQUE INDEX system_alerts_open ON system_alerts (what, way, reason) WHERE acknowledged_at IS NULL;
