-- Faults that administrators are told of besides: no backup could be made; a witness of the audit log is away; a witness has
-- seen more of the log than there is, or another one.
ALTER TABLE system_alerts DROP CONSTRAINT system_alerts_what_check;
ALTER TABLE system_alerts ADD CONSTRAINT system_alerts_what_check CHECK (what IN
  ('delivery-failed', 'nobody-to-tell', 'evaluation-failed', 'backup-failed', 'witness-away', 'witness-refused'));
