-- The installation key: patients' keys and cells stand on it, and the MACs of granting rows. It never changes. Each row wraps
-- it under one key-encryption key; while that is rotated there are two, and either opens.
CREATE TABLE keystore.installation_keys (
  kek bytea PRIMARY KEY CHECK (octet_length(kek) = 8), -- fingerprint of the key-encryption key
  wrapped bytea NOT NULL,
  created_at bigint NOT NULL
);
