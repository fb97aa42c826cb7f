-- What patients' hours and days hold in short, for long windows. Made from batches, so it can be thrown away and made anew.

-- In the clear stands only whose and which period it is. A period without readings has no row.
CREATE TABLE summaries (
  patient_id uuid NOT NULL,
  span text NOT NULL CHECK (span IN ('hour', 'day')),
  start_at bigint NOT NULL,   -- of UTC
  sealed bytea NOT NULL,      -- under the patient's data key
  made_at bigint NOT NULL,
  PRIMARY KEY (patient_id, span, start_at)
);

-- Hours that hold readings which are not in their summary yet.
CREATE TABLE summaries_due (
  patient_id uuid NOT NULL,
  hour_at bigint NOT NULL,
  tried_at bigint,            -- when making it failed last
  PRIMARY KEY (patient_id, hour_at)
);
CREATE INDEX summaries_due_hour ON summaries_due (hour_at);

-- How far audit_events has been gone through for readings that were stored: one row. Whoever changes summaries holds its lock.
CREATE TABLE summary_progress (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  done_id bigint NOT NULL,    -- every entry up to this one is gone through, and none will appear there any more
  done_at bigint NOT NULL     -- everything that was stored before this time is in those
);
INSERT INTO summary_progress (done_id, done_at) VALUES (0, 0);
