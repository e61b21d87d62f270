"""What the workspace is told: settings from the file, the environment, the host and the user, and where each value came from."""

from .load import Config, load_config
from .settings import (
    LOCAL_SERVERS,
    Capability,
    Features,
    Limits,
    LocalServer,
    ModelConfig,
    ParameterConfig,
    PresetConfig,
    ProviderConfig,
    Settings,
    StorageConfig,
    StoragesConfig,
    Timeouts,
)

__all__ = [
    "LOCAL_SERVERS",
    "Capability",
    "Config",
    "Features",
    "Limits",
    "LocalServer",
    "ModelConfig",
    "ParameterConfig",
    "PresetConfig",
    "ProviderConfig",
    "Settings",
    "StorageConfig",
    "StoragesConfig",
    "Timeouts",
    "load_config",
]
