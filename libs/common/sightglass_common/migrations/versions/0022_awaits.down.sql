REVOKE SELECT (awaits) ON scan_part FROM sightglass_relay;
