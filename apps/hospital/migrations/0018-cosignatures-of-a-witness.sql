-- How far one witness has come is asked for at each start and by siphms check, also of one that has cosigned nothing yet.
CREATE INDEX audit_cosignatures_witness ON audit_cosignatures (witness, checkpoint_id);
