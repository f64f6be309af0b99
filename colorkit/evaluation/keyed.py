"""Let results be read by key, as they were before they had fields.

Copies of lessons from that time say `row["mse"]`. The keys go with version 0.3.
"""

import warnings
from typing import Any


class Keyed:
    """The base class of results that were dicts."""

    def __getitem__(self, key: str) -> Any:
        """Return the field of that name, with a DeprecationWarning.

        Raises:
            KeyError: the result has no such field.
        """
        try:
            value = getattr(self, key)
        except AttributeError:
            raise KeyError(key) from None
        message = f'expected .{key}, got ["{key}"]: the keys of results go with version 0.3'
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return value
