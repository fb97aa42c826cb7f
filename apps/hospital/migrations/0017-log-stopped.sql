-- Another fault that administrators are told of: the audit log is not carried on.
ALTER TABLE system_alerts DROP CONSTRAINT system_alerts_what_check;
ALTER TABLE system_alerts ADD CONSTRAINT system_alerts_what_check CHECK (what IN
  ('delivery-failed', 'nobody-to-tell', 'evaluation-failed', 'backup-failed', 'witness-away', 'witness-refused',
   'log-stopped'));
