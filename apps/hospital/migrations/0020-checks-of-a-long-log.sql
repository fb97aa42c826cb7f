-- Rows from before there was a log are hashed page by page: without this, each page would look for them in the whole log.
CREATE INDEX audit_events_earlier ON audit_events (id) WHERE entry = '';
