"""How to run Postgres as somebody who is not root, as it refuses to run as root.

The user namespace is preferred: inside it the process has the id of an ordinary account while its files
stay the caller's. No account is added, nothing changes its owner, and it works below a home of mode 0700.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass


class NoUnprivilegedUser(RuntimeError):
    """There is no way here to run a program as somebody else than root."""


@dataclass(frozen=True)
class Unprivileged:
    """Words to put in front of a command, or the account to switch to (None: stay as we are)."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None


def unprivileged() -> Unprivileged:
    """Choose how. Raises NoUnprivilegedUser."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Unprivileged()
    account = _account()
    if account is not None and (namespace := _namespace(account)):
        return Unprivileged(prefix=namespace)
    if account is not None and os.geteuid() == 0:
        return Unprivileged(user=account.pw_uid, group=account.pw_gid)
    raise NoUnprivilegedUser(
        "Postgres needs a user that is not root and has a name. Run this as an ordinary user, or allow user "
        "namespaces (unshare -U), or set SIGHTGLASS_DATABASE_URL to a Postgres that runs elsewhere."
    )


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _account() -> pwd.struct_passwd | None:
    accounts = {account.pw_name: account for account in pwd.getpwall() if account.pw_uid != 0}
    return accounts.get("postgres") or accounts.get("nobody") or next(iter(accounts.values()), None)


def _namespace(account: pwd.struct_passwd) -> tuple[str, ...] | None:
    program = shutil.which("unshare")
    if program is None:
        return None
    prefix = (program, "-U", f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}")
    tried = subprocess.run([*prefix, "true"], stderr=subprocess.DEVNULL, check=False)  # noqa: S603  # fixed words
    return prefix if tried.returncode == 0 else None
