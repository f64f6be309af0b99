"""The kit's CNN and ResNet-50 model in PyTorch, layer for layer, as someone at home there would write them: a yardstick for speed only."""

import itertools

import torch
from torch import nn


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalization, ReLU."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]
    return nn.Sequential(*layers)


class Decoder(nn.Module):
    """Transposed convolutions, then the per-pixel dense head."""

    def __init__(self, inputs: int, filters: tuple[int, ...], crops: bool):
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

    def forward(self, x):
        """Features (B, C, h, w) to a*, b* (B, 2, 112, 112)."""
        for number, up in enumerate(self.ups):
            x = up(x)
            if self.crops and number == 0:
                x = x[:, :, :-1, :-1]  # 8 to 7
        return self.head(x)


class CNN(nn.Module):
    """The kit's `build_cnn()`."""

    def __init__(self):
        super().__init__()
        stages, inputs = [], 1
        for filters in (16, 64, 128):
            stages += [_conv(inputs, filters, stride=2), _conv(filters, filters)]
            inputs = filters
        self.encoder, self.decoder = nn.Sequential(*stages), Decoder(128, (64, 32, 16), crops=False)

    def forward(self, L):
        """L code (B, 1, 112, 112) to a*, b* (B, 2, 112, 112)."""
        return self.decoder(self.encoder(L / 127.5 - 1))


class Block(nn.Module):
    """A bottleneck block with its stride in the first convolution, as keras.applications has it."""

    def __init__(self, inputs: int, filters: int, stride: int, shortcut: bool):
        super().__init__()

        def conv(a, b, kernel=1, stride=1):
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

    def forward(self, x):
        """(B, C, h, w) to (B, 4 * filters, h / stride, w / stride)."""
        return torch.relu(self.body(x) + self.shortcut(x))


class ResNet(nn.Module):
    """The kit's `build_resnet()`, all of it trained."""

    def __init__(self):
        super().__init__()
        layers = [
            nn.Conv2d(3, 64, 7, 2, 3),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        inputs = 64
        for filters, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for number in range(blocks):
                layers.append(
                    Block(inputs, filters, stride if number == 0 else 1, shortcut=number == 0)
                )
                inputs = 4 * filters
        self.encoder, self.mix = nn.Sequential(*layers), _conv(2048, 256, 1)
        self.decoder = Decoder(256, (128, 64, 64, 32, 16), crops=True)

    def forward(self, L):
        """L code (B, 1, 112, 112) to a*, b* (B, 2, 112, 112)."""
        return self.decoder(self.mix(self.encoder(L.expand(-1, 3, -1, -1) - 115.0)))


NETS = {"cnn": CNN, "resnet": ResNet}


def trainable(model: nn.Module) -> int:
    """How many numbers are trained: must be what Keras' model has."""
    return sum(parameter.numel() for parameter in model.parameters())
