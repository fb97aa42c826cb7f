-- What doctors decided about samples in quarantine: those of one message that stand there for one reason. A later decision
-- takes the place of the one before; the audit log has them all. Rows with a MAC, as in the first migration: an altered one
-- releases nothing. The signed message and its receipt in `batches` are never touched.
CREATE TABLE quarantine_decisions (
  device_id bigint NOT NULL,
  message_id bytea NOT NULL,
  reason text NOT NULL,
  patient_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('released', 'rejected')),
  decided_at bigint NOT NULL,
  decided_by text NOT NULL, -- as the audit log names them
  why bytea NOT NULL,       -- sealed under the patient's data key
  version integer NOT NULL,
  mac bytea NOT NULL,
  PRIMARY KEY (device_id, message_id, reason)
);
CREATE INDEX quarantine_decisions_patient ON quarantine_decisions (patient_id);

-- Never used: they had no MAC. The index of what is held goes with them.
ALTER TABLE quarantine DROP COLUMN state, DROP COLUMN decided_at, DROP COLUMN decided_by;
CREATE INDEX quarantine_patient ON quarantine (patient_id, received_at);
