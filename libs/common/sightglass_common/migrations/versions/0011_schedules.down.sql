DROP TABLE schedule;
REVOKE ALL ON bucket_link, scan FROM sightglass_relay;
REVOKE INSERT ON job FROM sightglass_relay;
