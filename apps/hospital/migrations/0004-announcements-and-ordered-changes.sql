-- Which hospital key a notice of kind key-rotation announces: only announcements of the current one are sent.
ALTER TABLE notices ADD COLUMN announces bigint REFERENCES hospital_keys (id);
ALTER TABLE notices ADD CHECK ((kind = 'key-rotation') = (announces IS NOT NULL));
-- One announcement of a key for each device, whoever makes it.
CREATE UNIQUE INDEX notices_announces ON notices (device_id, announces) WHERE announces IS NOT NULL;

-- What no gateway has been handed yet.
CREATE INDEX notice_sendings_waiting ON notice_sendings (sid) WHERE handed_at IS NULL;

-- `created` of the last change that a patient's devices asked for and got, by method: an older one that a gateway has
-- kept back is refused (protocol section 6). Grants nothing.
CREATE TABLE applied_changes (
  patient_id uuid NOT NULL REFERENCES patients (id),
  method text NOT NULL,
  created_at bigint NOT NULL,
  device_id bigint NOT NULL REFERENCES devices (id),
  PRIMARY KEY (patient_id, method)
);
