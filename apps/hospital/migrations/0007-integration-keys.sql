-- Keys of integration accounts: machines that sign a challenge in place of a person's two factors. Only the public half is
-- here. Rows with a MAC, as in the first migration.
CREATE TABLE staff_keys (
  staff_id bigint PRIMARY KEY REFERENCES staff (id),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 64), -- P-256: x, then y
  created_at bigint NOT NULL,
  version integer NOT NULL,
  mac bytea NOT NULL
);

ALTER TABLE staff_sessions DROP CONSTRAINT staff_sessions_method_check;
ALTER TABLE staff_sessions ADD CONSTRAINT staff_sessions_method_check
  CHECK (method IN ('demo-link', 'key', 'passkey', 'password'));
