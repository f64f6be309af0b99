"""The kit's CNN and ResNet-50 model in PyTorch, layer for layer: a yardstick for speed only.

They are written as someone who knows PyTorch would write them.
"""

import itertools

import torch
from torch import nn


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Build a convolution, batch normalization and ReLU."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]
    return nn.Sequential(*layers)


class Decoder(nn.Module):
    """The decoder: transposed convolutions, then the per-pixel dense head."""

    def __init__(self, inputs: int, filters: tuple[int, ...], crops: bool) -> None:
        super().__init__()
        channels = (inputs, *filters)
        self.ups = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(a, b, 3, 2, 1, output_padding=1, bias=False),
                nn.BatchNorm2d(b),
                nn.ReLU(inplace=True),
            )
            for a, b in itertools.pairwise(channels)
        )
        self.crops = crops
        head = [
            nn.Conv2d(filters[-1], 32, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 16, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, 2, 1),
        ]
        self.head = nn.Sequential(*head)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Compute a*, b* (B, 2, 112, 112) from features (B, C, h, w)."""
        for number, up in enumerate(self.ups):
            x = up(x)
            if self.crops and number == 0:
                x = x[:, :, :-1, :-1]  # 8 to 7
        return self.head(x)


class CNN(nn.Module):
    """The kit's `build_cnn()`."""

    def __init__(self) -> None:
        super().__init__()
        stages = []
        inputs = 1
        for filters in (16, 64, 128):
            stages += [_conv(inputs, filters, stride=2), _conv(filters, filters)]
            inputs = filters
        self.encoder = nn.Sequential(*stages)
        self.decoder = Decoder(128, (64, 32, 16), crops=False)

    def forward(self, L: torch.Tensor) -> torch.Tensor:
        """Compute a*, b* (B, 2, 112, 112) from the code of L (B, 1, 112, 112)."""
        return self.decoder(self.encoder(L / 127.5 - 1))


class Block(nn.Module):
    """A bottleneck block with its stride in the first convolution, as in keras.applications."""

    def __init__(self, inputs: int, filters: int, stride: int, shortcut: bool) -> None:
        super().__init__()

        def conv(a: int, b: int, kernel: int = 1, stride: int = 1) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(a, b, kernel, stride, kernel // 2), nn.BatchNorm2d(b))

        relu = nn.ReLU(inplace=True)
        self.body = nn.Sequential(
            conv(inputs, filters, 1, stride),
            relu,
            conv(filters, filters, 3),
            relu,
            conv(filters, 4 * filters),
        )
        self.shortcut = conv(inputs, 4 * filters, 1, stride) if shortcut else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Compute (B, 4 * filters, h / stride, w / stride) from (B, C, h, w)."""
        return torch.relu(self.body(x) + self.shortcut(x))


class ResNet(nn.Module):
    """The kit's `build_resnet()`, all of it trained."""

    def __init__(self) -> None:
        super().__init__()
        layers = [
            nn.Conv2d(3, 64, 7, 2, 3),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        inputs = 64
        for filters, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            layers.append(Block(inputs, filters, stride, shortcut=True))
            inputs = 4 * filters
            for _ in range(blocks - 1):
                layers.append(Block(inputs, filters, 1, shortcut=False))
        self.encoder = nn.Sequential(*layers)
        self.mix = _conv(2048, 256, 1)
        self.decoder = Decoder(256, (128, 64, 64, 32, 16), crops=True)

    def forward(self, L: torch.Tensor) -> torch.Tensor:
        """Compute a*, b* (B, 2, 112, 112) from the code of L (B, 1, 112, 112)."""
        grey = L.expand(-1, 3, -1, -1) - 115.0  # (B, 3, 112, 112)
        return self.decoder(self.mix(self.encoder(grey)))


NETS = {"cnn": CNN, "resnet": ResNet}


def count_trainable(model: nn.Module) -> int:
    """Count the parameters; there must be as many as in the Keras model."""
    return sum(parameter.numel() for parameter in model.parameters())
