-- Who was shown something of one patient is asked for by the patient: among the entries about somebody who measures every
-- minute the looks are few.
CREATE INDEX audit_events_looks ON audit_events (subject, at) WHERE event = 'data.disclosed';
