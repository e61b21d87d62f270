"""What the workspace is told: settings from the file, the environment, the host and the user, and where each value came from."""

from .load import Config, load_config
from .settings import LOCAL_SERVERS, Features, Limits, LocalServer, ProviderConfig, Settings, Timeouts

__all__ = [
    "LOCAL_SERVERS",
    "Config",
    "Features",
    "Limits",
    "LocalServer",
    "ProviderConfig",
    "Settings",
    "Timeouts",
    "load_config",
]
