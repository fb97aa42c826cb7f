-- What is watched about a patient: every version of the plan is a row that is never changed, and the newest one holds.
-- Rows with a MAC, as in the first migration: where the newest one was altered, the template for adults holds again.
CREATE TABLE patient_plans (
  patient_id uuid NOT NULL REFERENCES patients (id),
  version integer NOT NULL CHECK (version > 0),
  set_at bigint NOT NULL,
  set_by text NOT NULL,  -- as the audit log names them
  rules bytea NOT NULL,  -- sealed under the patient's data key, as the reason
  reason bytea NOT NULL,
  mac bytea NOT NULL,
  PRIMARY KEY (patient_id, version)
);
