"""Offer networks, their configs, their layers and their losses.

A module is imported when one of its names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["layers", "losses"],
    submod_attrs={
        "cnn": ["build_cnn", "start_at_mean_color"],
        "configs": ["CNNConfig", "GANConfig", "ResNetConfig", "UNetConfig"],
        "discriminators": ["build_discriminator", "build_patch"],
        "registry": ["REGISTRY"],
        "resnet": ["build_resnet", "load_imagenet"],
        "unet": [
            "AtTemperature",
            "build_unet",
            "class_logits",
            "decode_classes",
            "start_at_given_lightness",
        ],
    },
)
