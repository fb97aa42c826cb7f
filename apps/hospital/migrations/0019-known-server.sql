-- Which PostgreSQL server this database was last served from: its system identifier and the timeline of its write-ahead log.
-- A promoted standby and a server recovered to a point in time have another timeline, and may have forgotten the last moments.
CREATE TABLE known_server (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  server text NOT NULL
);
