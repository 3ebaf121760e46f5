"""Hooks of sign-in servers: one file each, with its name as the last part of the route."""

from collections.abc import Mapping
from typing import Final

from ringpass.sign_in.hooks import logto, supabase, zitadel
from ringpass.sign_in.hooks.hook import Hook

HOOKS: Final[Mapping[str, Hook]] = {
    hook.server: hook for hook in (supabase.HOOK, logto.HOOK, zitadel.HOOK)
}
