-- The roles stay: they belong to the server, and another database of it may grant them something.
DROP TABLE processed, outbox, scene, analysis, video, upload, job, bucket_link, api_key, tenant;
REVOKE USAGE ON SCHEMA public FROM sightglass_api, sightglass_relay, sightglass_worker;
DROP FUNCTION current_tenant();
