"""Where a country's data lie on disk, how they get there whole or not at all, and the engine that reads them."""

from highground.methods.store.engine import Limits
from highground.methods.store.layout import Store, StoreError

__all__ = ["Limits", "Store", "StoreError"]
