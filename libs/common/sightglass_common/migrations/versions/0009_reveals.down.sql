-- What was revealed, and who asked for it, is forgotten.
DROP TABLE reveal, audit_entry;
