"""Providers of the platform: every tenant's questions go to them after its own, and no tenant sees them."""

from sightglass_api.permissions import Permission
from sightglass_api.providers.routes import router_of

router = router_of("/v1/admin/providers", "platform providers", read=Permission.OPERATE, change=Permission.OPERATE)
