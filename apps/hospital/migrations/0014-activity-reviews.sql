-- What a privacy officer searches: everything but readings that were stored, which are most of the log and have a patient's
-- index to be found by. None of these indexes is touched when readings come in.
CREATE INDEX audit_events_acts ON audit_events (at, id) WHERE event <> 'readings.stored';
CREATE INDEX audit_events_codes ON audit_events (event, at, id) WHERE event <> 'readings.stored';
CREATE INDEX audit_events_staff ON audit_events (actor, at, id) WHERE actor LIKE 'staff:%';

-- That a week's activity was looked through. Added to, never changed. Rows with a MAC, as in the first migration.
CREATE TABLE activity_reviews (
  week text NOT NULL,         -- the date of its Monday by the hospital's calendar
  version integer NOT NULL CHECK (version > 0), -- above 1: written anew, as the one before had been altered
  reviewed_at bigint NOT NULL,
  reviewed_by text NOT NULL,  -- as the audit log names them
  standing_out integer NOT NULL,
  note bytea NOT NULL,        -- sealed under the installation's key
  mac bytea NOT NULL,
  PRIMARY KEY (week, version)
);
