DROP TABLE publishable_use, visit;
-- No tenant is set here, and the owner is to see all rows.
ALTER TABLE conversation NO FORCE ROW LEVEL SECURITY;
ALTER TABLE publishable_key NO FORCE ROW LEVEL SECURITY;
ALTER TABLE api_key NO FORCE ROW LEVEL SECURITY;
ALTER TABLE turn NO FORCE ROW LEVEL SECURITY;
ALTER TABLE turn_event NO FORCE ROW LEVEL SECURITY;
ALTER TABLE turn_document NO FORCE ROW LEVEL SECURITY;
DELETE FROM conversation c USING publishable_key p WHERE p.tenant_id = c.tenant_id AND p.key_id = c.key_id;
DROP TABLE publishable_key;
DELETE FROM api_key WHERE role = 'visitor';
ALTER TABLE turn_document FORCE ROW LEVEL SECURITY;
ALTER TABLE turn_event FORCE ROW LEVEL SECURITY;
ALTER TABLE turn FORCE ROW LEVEL SECURITY;
ALTER TABLE conversation FORCE ROW LEVEL SECURITY;
ALTER TABLE api_key
    FORCE ROW LEVEL SECURITY,
    DROP CONSTRAINT api_key_role_is_one_of_these,
    ADD CONSTRAINT api_key_role_check CHECK (role IN ('platform_admin', 'tenant_admin', 'member', 'viewer'));
