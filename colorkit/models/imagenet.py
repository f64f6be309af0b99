"""Fetch networks of keras.applications with ImageNet's weights."""

from collections.abc import Callable
from typing import Any

import keras

from ..errors import first_line


def fetch(network: Callable[..., keras.Model], **options: Any) -> tuple[keras.Model | None, str]:
    """Build a network of keras.applications without its classifier, with ImageNet's weights.

    Args:
        network: such as keras.applications.ResNet50.
        options: its other arguments.

    Returns:
        The network and "", or None and the reason why its weights couldn't be fetched.
    """
    try:
        return network(include_top=False, weights="imagenet", **options), ""
    except Exception as bad:  # Keras wraps whatever the network did in a bare Exception
        return None, first_line(bad).rsplit(" -- ")[-1]
