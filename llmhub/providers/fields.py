"""What a kind of provider needs beyond a key: a region, a project, a deployment, other secrets than one key.

Plain values stand under `options:` of a provider, secret ones under `credentials:` or in the key ring. Together with the key
they are all that a person fills in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from ..config.values import is_loopback, key_fault
from ..errors import ConfigError

ADDRESS: Final = "base_url"
"""The one field that is a setting of its own: some kinds have no address until somebody gives it."""
_APPLICATION: Final = ("tenant_id", "client_id", "client_secret")


@dataclass(frozen=True, slots=True)
class Field:
    """One of them. `env`: the environment variables it is taken from, in order; `argument`: litellm's name for it."""

    name: str
    label: str
    secret: bool = False
    required: bool = False
    placeholder: str = ""
    hint: str = ""
    env: tuple[str, ...] = ()
    argument: str = ""
    check: Callable[[str], str | None] | None = None
    """What is wrong with a value, in words that do not show it."""
    long: bool = False
    """A text of many lines."""


def _account_fault(text: str) -> str | None:
    try:
        account = orjson.loads(text)
    except orjson.JSONDecodeError:
        return "is not JSON; paste the whole file that Google gave you, from { to }"
    if not isinstance(account, dict) or "type" not in account:
        return 'is not a Google credentials file: it has no "type"'
    return None


def _authority_fault(text: str) -> str | None:
    address = text if "://" in text else f"https://{text}"
    if not address.isprintable() or any(c.isspace() for c in address) or len(address) > 1000:
        return "is no web address"
    if address.startswith("https://") or (address.startswith("http://") and is_loopback(address)):
        return None
    return "must begin with https://: a secret is sent there"


AZURE: Final = (
    Field(
        ADDRESS,
        "Endpoint",
        required=True,
        placeholder="https://my-resource.openai.azure.com",
        env=("AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT"),
    ),
    Field(
        "deployment",
        "Deployments",
        placeholder="gpt-4o, o4-mini",
        hint="The names of your deployments, with commas between them; empty: any deployment's name can be typed as a model.",
        env=("AZURE_OPENAI_DEPLOYMENT",),
    ),
    Field(
        "api_version",
        "API version",
        placeholder="2025-04-01-preview",
        hint="Empty: a recent one.",
        env=("AZURE_API_VERSION", "OPENAI_API_VERSION"),
        argument="api_version",
    ),
    Field(
        "tenant_id",
        "Tenant ID",
        placeholder="00000000-0000-0000-0000-000000000000",
        hint="To sign in by Microsoft Entra ID instead of with a key, give this, the client ID and the client secret.",
        env=("AZURE_TENANT_ID",),
    ),
    Field(
        "client_id",
        "Client ID",
        placeholder="00000000-0000-0000-0000-000000000000",
        hint="Of the application that may use the resource (“Cognitive Services OpenAI User”).",
        env=("AZURE_CLIENT_ID",),
    ),
    Field("client_secret", "Client secret", secret=True, env=("AZURE_CLIENT_SECRET",)),
    Field(
        "authority",
        "Authority",
        placeholder="https://login.microsoftonline.com",
        hint="Where one signs in, in a cloud of its own (such as https://login.microsoftonline.us); empty: the usual address.",
        env=("AZURE_AUTHORITY_HOST",),
        check=_authority_fault,
    ),
)
BEDROCK: Final = (
    Field(
        "region",
        "Region",
        required=True,
        placeholder="eu-central-1",
        env=("AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION"),
        argument="aws_region_name",
    ),
    Field(
        "access_key_id",
        "Access key ID",
        secret=True,
        placeholder="AKIA…",
        hint="Instead of a Bedrock key. Empty, like the two below: the profile, or what this machine has (a role, a login).",
        env=("AWS_ACCESS_KEY_ID",),
        argument="aws_access_key_id",
    ),
    Field("secret_access_key", "Secret access key", secret=True, env=("AWS_SECRET_ACCESS_KEY",), argument="aws_secret_access_key"),
    Field(
        "session_token",
        "Session token",
        secret=True,
        hint="Only with temporary credentials.",
        env=("AWS_SESSION_TOKEN",),
        argument="aws_session_token",
    ),
    Field(
        "profile",
        "Profile",
        placeholder="default",
        hint="A profile of ~/.aws, instead of keys.",
        env=("AWS_PROFILE",),
        argument="aws_profile_name",
    ),
)
VERTEX: Final = (
    Field(
        "project",
        "Project",
        placeholder="my-project-123",
        hint="Empty: the project of the credentials.",
        env=("GOOGLE_CLOUD_PROJECT", "VERTEXAI_PROJECT"),
        argument="vertex_project",
    ),
    Field(
        "location",
        "Location",
        required=True,
        placeholder="europe-west4",
        hint="A region, or global.",
        env=("GOOGLE_CLOUD_LOCATION", "VERTEXAI_LOCATION"),
        argument="vertex_location",
    ),
    Field(
        "service_account",
        "Credentials (JSON)",
        secret=True,
        placeholder='{"type": "service_account", …}',
        hint="The JSON file of a service account; empty: what gcloud or this machine has.",
        argument="vertex_credentials",
        check=_account_fault,
        long=True,
    ),
)


def value_fault(field: Field, value: str) -> str | None:
    """What is wrong with a value for `field`, in words that do not show it."""
    if field.check is not None:
        return field.check(value)
    if field.secret:
        return key_fault(value)
    if not value.isprintable() or len(value) > 1000:
        return "is no plain text on one line"
    return None


def checked(
    provider: str,
    label: str,
    fields: Iterable[Field],
    options: Mapping[str, str],
    credentials: Mapping[str, str],
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """All values by name; `given`: those from elsewhere, which the configuration's win over.

    Raises `ConfigError` that names the field that is unknown, wrong or in the wrong section.
    """
    fields = tuple(fields)
    if unknown := next((name for name in given or () if name not in {field.name for field in fields}), None):
        raise ConfigError(f"{label} knows no field called `{unknown}`.", hint="Leave it out.", details={"field": unknown})
    for field in fields:
        value = (given or {}).get(field.name)
        if value and field.name != ADDRESS and (fault := value_fault(field, value)):
            raise ConfigError(f"“{field.label}” of '{provider}' {fault}.", hint="Correct it.", details={"field": field.name})
    known = {field.name: field for field in fields if field.name != ADDRESS}
    for section, values in (("options", options), ("credentials", credentials)):
        for name, value in values.items():
            where = f"providers.{provider}.{section}.{name}"
            field = known.get(name)
            if field is None or field.secret != (section == "credentials"):
                raise ConfigError(_misplaced(where, label, field, known.values(), section), details={"key": where})
            if value and (fault := value_fault(field, value)):
                raise ConfigError(f"`{where}` {fault}.", hint=f"Correct “{field.label}” of '{provider}'.", details={"key": where})
    return {name: value for name, value in {**(given or {}), **options, **credentials}.items() if value}


def missing(fields: Iterable[Field], values: Mapping[str, str], *, has_key: bool = False) -> Field | None:
    """The first field without which nothing can be asked, and that has no value."""
    fields = tuple(fields)
    if first := next((field for field in fields if field.required and not values.get(field.name)), None):
        return first
    if values.get("access_key_id") and not values.get("secret_access_key"):  # a pair: neither says anything alone
        return next((field for field in fields if field.name == "secret_access_key"), None)
    if values.get("secret_access_key") and not values.get("access_key_id"):
        return next((field for field in fields if field.name == "access_key_id"), None)
    if not has_key and any(values.get(name) for name in ("client_secret", "tenant_id")):  # three that belong together
        return next((field for field in fields if field.name in _APPLICATION and not values.get(field.name)), None)
    return None


def _misplaced(where: str, label: str, field: Field | None, known: Iterable[Field], section: str) -> str:
    if field is not None:
        other = "credentials" if field.secret else "options"
        return f"`{where}` belongs under `{other}`: it is {'a secret' if field.secret else 'no secret'}."
    names = [f"`{each.name}`" for each in known if each.secret == (section == "credentials")]
    takes = f"it takes {', '.join(names)}" if names else f"it takes no {section}"
    return f"`{where}` is nothing that {label} knows; {takes}."
