"""Let results be read by key, as they were before they had fields.

Copies of lessons from that time say `row["mse"]`. The keys go with the next release.
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
        message = f'expected .{key}, got ["{key}"]: keys of results go with the next release'
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return value
