-- Sessions with devices, what they sent, what was answered.
-- The hot tables (batches, session_seqs) have no foreign keys: ingest holds the locks of the rows they would point to,
-- and a check for each inserted row would cost as much as the insert.

CREATE TABLE sessions (
  sid bytea PRIMARY KEY CHECK (octet_length(sid) = 16),
  device_id bigint NOT NULL REFERENCES devices (id),
  patient_id uuid NOT NULL REFERENCES patients (id),
  hospital_key bigint NOT NULL REFERENCES hospital_keys (id),
  gateway text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  sealed bytea,               -- session keys, nonce-h, confirmation secret and commitment; NULL once erased.
                              -- Its AAD holds device, patient, hospital key, gateway and both times: none can be exchanged.
  down_seq integer NOT NULL DEFAULT 0 CHECK (down_seq BETWEEN 0 AND 16777216), -- the next seq towards the device
  closed_at bigint,
  closed_reason text,
  CHECK ((closed_at IS NULL) = (closed_reason IS NULL))
) WITH (fillfactor = 70);     -- down_seq changes with every answer: room for the new version in the same page
CREATE INDEX sessions_device ON sessions (device_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_closed ON sessions (gateway, expires_at) WHERE closed_at IS NOT NULL;

-- UNIQUE(session, seq), and the bytes that answered it: they leave again for the same envelope. Gone with the session.
CREATE TABLE session_seqs (
  sid bytea NOT NULL,
  seq integer NOT NULL,
  envelope_hash bytea NOT NULL,
  answer bytea NOT NULL,      -- an envelope: sealed under the session's key
  PRIMARY KEY (sid, seq)
);

-- One row for each signed message of readings, or of a type that is none of ours.
CREATE TABLE batches (
  device_id bigint NOT NULL,
  message_id bytea NOT NULL,  -- begins with the time of signing, 6 bytes
  patient_id uuid NOT NULL,
  start_at bigint,            -- of the earliest and the latest sample; NULL in what was refused
  end_at bigint,
  kinds integer NOT NULL,     -- bit k for kind k
  samples integer NOT NULL,
  quarantined integer NOT NULL,
  late boolean NOT NULL,      -- whether any sample was late at receipt
  outcome smallint NOT NULL CHECK (outcome BETWEEN 0 AND 3),
  reason text,                -- of the whole message: field 7 of the receipt
  received_at bigint NOT NULL,
  name bytea NOT NULL,        -- SHA-256 of the Sig_structure
  sealed bytea NOT NULL,      -- the device's signed bytes as they came, under the patient's data key
  answer bytea NOT NULL,      -- the signed answer, under the patient's data key
  hospital_key bigint NOT NULL, -- the identity that signed it
  PRIMARY KEY (device_id, message_id)
) PARTITION BY RANGE (message_id);
CREATE INDEX batches_patient_start ON batches (patient_id, start_at);
-- A search in time looks one day further back than asked, and here for the few that are longer than a day.
CREATE INDEX batches_patient_long ON batches (patient_id, end_at) WHERE end_at - start_at > 86400000;
CREATE TABLE batches_default PARTITION OF batches DEFAULT;

-- Makes the partition of one month and moves the rows there that the default has taken meanwhile.
-- With the owner's rights, so that the service needs none to make tables.
CREATE FUNCTION make_batches_month(any_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  first_day timestamp := date_trunc('month', any_day::timestamp);
  partition_name text := 'batches_' || to_char(first_day, 'YYYY_MM');
  low bytea := substring(int8send((extract(epoch FROM first_day) * 1000)::bigint) FROM 3);
  high bytea := substring(int8send((extract(epoch FROM first_day + interval '1 month') * 1000)::bigint) FROM 3);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('make_batches_month', 0));
  IF to_regclass(quote_ident(partition_name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE batches INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
  LOCK TABLE batches_default IN ACCESS EXCLUSIVE MODE;
  EXECUTE format(
    'WITH moved AS (DELETE FROM batches_default WHERE message_id >= $1 AND message_id < $2 RETURNING *)
     INSERT INTO %I SELECT * FROM moved', partition_name) USING low, high;
  EXECUTE format('ALTER TABLE batches ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    partition_name, '\x' || encode(low, 'hex'), '\x' || encode(high, 'hex'));
  RETURN true;
END $$;

-- Samples that are kept but not shown, by message and reason. Which ones they are follows from the signed bytes.
CREATE TABLE quarantine (
  device_id bigint NOT NULL,
  message_id bytea NOT NULL,
  reason text NOT NULL,
  patient_id uuid NOT NULL,
  samples integer NOT NULL CHECK (samples > 0),
  received_at bigint NOT NULL,
  state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'released', 'rejected')),
  decided_at bigint,
  decided_by text,
  PRIMARY KEY (device_id, message_id, reason)
);
CREATE INDEX quarantine_patient ON quarantine (patient_id) WHERE state = 'held';

CREATE TABLE requests (
  device_id bigint NOT NULL,
  message_id bytea NOT NULL,
  patient_id uuid NOT NULL,
  name bytea NOT NULL,
  method text NOT NULL,       -- empty where the request could not be read
  created_at bigint NOT NULL, -- when it was answered first
  answer bytea,               -- the signed response, under the patient's data key; NULL after 24 h
  hospital_key bigint NOT NULL,
  PRIMARY KEY (device_id, message_id)
);
CREATE INDEX requests_answered ON requests (created_at) WHERE answer IS NOT NULL;

CREATE TABLE notices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id bigint NOT NULL REFERENCES devices (id),
  patient_id uuid NOT NULL REFERENCES patients (id),
  message_id bytea NOT NULL,
  kind text NOT NULL,
  created_at bigint NOT NULL,
  signed bytea NOT NULL,      -- under the patient's data key
  hospital_key bigint NOT NULL,
  seen_at bigint,
  UNIQUE (device_id, message_id)
);
CREATE INDEX notices_unseen ON notices (device_id) WHERE seen_at IS NULL;

-- Each sealing of a notice for a session. The same bytes leave again until they were handed to the gateway.
CREATE TABLE notice_sendings (
  notice_id bigint NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  sid bytea NOT NULL REFERENCES sessions (sid) ON DELETE CASCADE,
  envelope bytea NOT NULL,
  handed_at bigint,
  PRIMARY KEY (notice_id, sid)
);
CREATE INDEX notice_sendings_sid ON notice_sendings (sid);

-- Envelopes that got no answer, as they came, under the key-encryption key. `sid` is 16 zero bytes where there is no such session.
-- Whoever floods us fills only counters: beyond a limit for each session the bytes are not kept.
CREATE TABLE refused (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sid bytea NOT NULL,
  reason text NOT NULL,
  envelope_hash bytea NOT NULL, -- 32 zero bytes for those beyond the limit
  count bigint NOT NULL,
  first_at bigint NOT NULL,
  last_at bigint NOT NULL,
  sealed bytea,
  UNIQUE (sid, reason, envelope_hash)
);
CREATE INDEX refused_first ON refused (first_at);
