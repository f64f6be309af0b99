"""Define the options of each network: frozen dataclasses that check their values.

Importing them doesn't import Keras.
"""

from dataclasses import dataclass, field

from ..color.classes import in_gamut
from .fields import (
    LARGEST_LAYER,
    LATER,
    NetConfig,
    check_choice,
    check_choices,
    check_count,
    check_filters,
    check_flag,
    check_range,
    later,
    shown,
)

CNN_HEADS = ("dense", "conv", "relu", "tanh")
DROPOUT_PLACES = ("bottleneck", "decoder", "dense")
UNET_HEADS = ("regress", "classes")
COLOR_LOSSES = ("l2", "l1")
SCHEDULES = ("epoch", "step", "batch", "nogan")
DISCRIMINATORS = ("report", "patch")

# The last layer of each of ResNet-50's stages.
STAGES = (
    "conv1_relu",
    "conv2_block3_out",
    "conv3_block4_out",
    "conv4_block6_out",
    "conv5_block3_out",
)

LARGEST_WEIGHT = 1e6  # of a loss: a larger one leaves nothing of the others

# Channels of the U-Net in a group; each group is normalized by itself.
GROUPS = 8


@dataclass(frozen=True)
class Decoder:
    """The part that the CNN and the ResNet-50 model share: from features back to a*, b*.

    Their configs have its options as fields of their own, which `part` puts together.

    Attributes:
        decoder: filters of each transposed convolution; each doubles the size.
        dense: units of the per-pixel dense layers before the output.
        head: "dense" ends in a linear dense layer; "conv" in a 3x3 convolution instead of all
            dense layers (the report's first attempt); "relu" in that convolution with a ReLU, which
            makes negative a* and b* impossible; "tanh" in a dense layer with tanh, times 128.
        dropout: share of features dropped in training, 0 for none.
        dropout_at: where to drop them: "bottleneck", "decoder", "dense", or several of these.
        batch_norm: whether to normalize after every convolution but the last; without it the
            convolutions have a bias instead.
        bn_momentum: how slowly the moving averages of batch normalization follow. Keras' default
            of 0.99 needs hundreds of steps to catch up; short runs need 0.9.
    """

    decoder: tuple[int, ...]
    dense: tuple[int, ...] = (32, 16)
    head: str = "dense"
    dropout: float = 0.0
    dropout_at: tuple[str, ...] = ("bottleneck",)
    batch_norm: bool = True
    bn_momentum: float = 0.9

    def __post_init__(self) -> None:
        check_choice("head", self.head, CNN_HEADS)
        check_choices("dropout_at", self.dropout_at, DROPOUT_PLACES)
        check_filters("decoder", self.decoder)
        check_filters("dense", self.dense)
        check_range("dropout", self.dropout, 0, 1)
        check_flag("batch_norm", self.batch_norm)
        check_range("bn_momentum", self.bn_momentum, 0, 1)

    @classmethod
    def part(cls, config: "CNNConfig | ResNetConfig") -> "Decoder":
        """Put together the decoder of a config, out of its fields of the same names."""
        return cls(
            decoder=config.decoder,
            dense=config.dense,
            head=config.head,
            dropout=config.dropout,
            dropout_at=config.dropout_at,
            batch_norm=config.batch_norm,
            bn_momentum=config.bn_momentum,
        )


@dataclass(frozen=True)
class CNNConfig(NetConfig):
    """The CNN of report section 3.3. Lessons 4.5 and 4.8.

    Attributes:
        encoder: filters of each stage; a stage halves the size, then convolves once more.
        decoder: filters of each transposed convolution, one for each stage of the encoder.
        dense, head, dropout, dropout_at, batch_norm, bn_momentum: see `Decoder`.

    Example:
        >>> CNNConfig(encoder=(8, 16), decoder=(16, 8)).head
        'dense'
    """

    encoder: tuple[int, ...] = (16, 64, 128)
    decoder: tuple[int, ...] = (64, 32, 16)
    dense: tuple[int, ...] = (32, 16)
    head: str = "dense"
    dropout: float = 0.0
    dropout_at: tuple[str, ...] = ("bottleneck",)
    batch_norm: bool = True
    bn_momentum: float = 0.9

    def __post_init__(self) -> None:
        Decoder.part(self)  # checks its options
        check_filters("encoder", self.encoder)
        if not 1 <= len(self.encoder) <= 4 or len(self.decoder) != len(self.encoder):
            raise ValueError(
                f"encoder={self.encoder}, decoder={self.decoder}: "
                "expected 1 to 4 stages, the same number in both"
            )

    @property
    def of_report(self) -> bool:
        """Tell that this is one of the report's models."""
        return True


@dataclass(frozen=True)
class ResNetConfig(NetConfig):
    """The ResNet-50 model of report section 3.4.

    Attributes:
        decoder: filters of each transposed convolution; `cut` drops the first of them.
        dense, head, dropout, dropout_at, batch_norm, bn_momentum: see `Decoder`.
        weights: "imagenet", or "none" for an encoder that starts untrained.
        fine_tune: whether to train the encoder, too; False freezes it.
        learns_from: with fine_tune, the first of the encoder's five stages that learns; the stages
            before it stay frozen.
        cut: after which stage the encoder ends, 2 to 5, at 28, 14, 7 or 4 places a side. The
            decoder then uses its last `cut` stages.
        features: number of features of each place after a 1x1 convolution mixes them down, from
            2048 after stage 5.
    """

    decoder: tuple[int, ...] = (128, 64, 64, 32, 16)
    dense: tuple[int, ...] = (32, 16)
    head: str = "dense"
    dropout: float = 0.0
    dropout_at: tuple[str, ...] = ("bottleneck",)
    batch_norm: bool = True
    bn_momentum: float = 0.9
    weights: str = "imagenet"
    fine_tune: bool = True
    learns_from: int = 1
    cut: int = 5
    features: int = 256

    def __post_init__(self) -> None:
        Decoder.part(self)  # checks its options
        if len(self.decoder) != 5:
            raise ValueError(
                f"decoder={self.decoder}: expected 5 stages, for 4, 7, 14, 28, 56, 112"
            )
        check_choice("weights", self.weights, ("imagenet", "none"))
        check_flag("fine_tune", self.fine_tune)
        check_count("features", self.features, most=LARGEST_LAYER)
        check_count("cut", self.cut, 2, len(STAGES))
        check_count("learns_from", self.learns_from, 1, self.cut)

    @property
    def of_report(self) -> bool:
        """Tell that this is one of the report's models."""
        return True


@dataclass(frozen=True)
class UNetConfig(NetConfig):
    """The U-Net of lesson 6.

    Attributes:
        filters: filters of each level, at 28, 14, 7 and 4 places a side; multiples of 8.
        head: "regress" for a*, b* by `loss`, "classes" for the probabilities of color classes.
        classes: with "classes", their number: the most common ones of the training faces, of 261.
        uniform: with "classes", the paper's lambda: at 1 all pixels count the same; toward 0, those
            of rare colors count more and more. The paper's 0.5 overshot here: at equal
            colorfulness 0.9 had the lower error on the validation split.
        loss: with "regress", "l2" for the mean of the possible colors, "l1" for their median.
        hints: with "regress", whether it takes color hints, too (Zhang et al. 2017).
    """

    filters: tuple[int, ...] = (24, 48, 96, 128)
    head: str = "regress"
    classes: int = 64
    uniform: float = 0.9
    loss: str = later("l2")
    hints: bool = later(False)

    def __post_init__(self) -> None:
        check_choice("head", self.head, UNET_HEADS)
        check_filters("filters", self.filters)
        if not 2 <= len(self.filters) <= 4 or any(count % GROUPS for count in self.filters):
            raise ValueError(f"filters={self.filters}: expected 2 to 4 multiples of {GROUPS}")
        check_count("classes", self.classes, 2, int(in_gamut().sum()))
        if type(self.uniform) not in (int, float) or not 0 < self.uniform <= 1:
            raise ValueError(
                f"uniform={shown(self.uniform)}: expected a number of more than 0 and at most 1"
            )
        check_choice("loss", self.loss, COLOR_LOSSES)
        if self.loss != "l2" and self.head != "regress":
            raise ValueError(
                f"loss={self.loss!r} goes with head='regress' only, not with {self.head!r}"
            )
        check_flag("hints", self.hints)
        if self.hints and self.head != "regress":
            raise ValueError(f"hints=True goes with head='regress' only, not with {self.head!r}")


@dataclass(frozen=True)
class GANConfig(NetConfig):
    """The GAN of report section 3.5, and its variants. Lessons 4.5 and 4.8.

    Attributes:
        lambda_l2: weight of the mean squared error (CIELAB units squared) in the generator's loss;
            the report's is 0.1.
        lambda_l1: weight of the mean absolute error (CIELAB units): the report's first attempt was
            L1 instead of L2.
        schedule: when turns swap. "epoch": after every pass over the data (the report). "batch":
            after every batch; both learn from the same one, generator first (the report's first
            attempt). "step": after every batch, discriminator first as in pix2pix (Isola et al.
            2017), but each learns from batches that the other saw half a pass earlier. "nogan"
            (DeOldify): first the generator alone by its color loss, then one pass of the
            discriminator, and only then both, by step. In all of them the generator makes one pass
            an epoch.
        d_every: with "epoch", the discriminator has a turn in every `d_every`-th epoch only; the
            report's future work.
        pretrain: with "nogan", number of epochs that the generator has to itself.
        sees: what the discriminator sees, "lab" or "ab".
        d_filters: filters of the discriminator's convolutions, see models.build_discriminator and
            models.build_patch.
        d_learning_rate: the discriminator's learning rate.
        generator: options of the network that colors: the ResNet-50 model (the report's), or
            lesson 6's U-Net as it comes.
        discriminator: "report" for one logit a picture, or "patch" for one logit for each of its
            patches, under spectral normalization.
        average: 0 for none, or the decay of the average of the generator's weights, with which the
            GAN then predicts. It starts where both begin to learn within a pass, and follows after
            each of the generator's steps from there; 0.99 remembers about 100 steps.

    Example:
        >>> GANConfig(schedule="batch").lambda_l2
        0.1
    """

    lambda_l2: float = 0.1
    lambda_l1: float = 0.0
    schedule: str = "epoch"
    d_every: int = 1
    pretrain: int = 2
    sees: str = "lab"
    d_filters: tuple[int, ...] = (32, 64, 128, 128)
    d_learning_rate: float = 2e-4
    generator: ResNetConfig | UNetConfig = field(default=ResNetConfig(), metadata=LATER)
    discriminator: str = later("report")
    average: float = later(0.0)

    def __post_init__(self) -> None:
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("discriminator", self.discriminator, DISCRIMINATORS)
        check_range("average", self.average, 0, 1)
        check_choice("sees", self.sees, ("lab", "ab"))
        check_filters("d_filters", self.d_filters)
        check_count("d_every", self.d_every)
        check_count("pretrain", self.pretrain)
        check_range("d_learning_rate", self.d_learning_rate, 0, 1)
        for name in ("lambda_l2", "lambda_l1"):
            check_range(name, getattr(self, name), 0, LARGEST_WEIGHT)
        if self.d_every > 1 and self.schedule != "epoch":
            raise ValueError(
                f"d_every={self.d_every} goes with schedule='epoch' only, not with "
                f"{self.schedule!r}"
            )
        if self.average and self.schedule == "epoch":
            raise ValueError(
                f"average={self.average} goes with schedule='step', 'batch' or 'nogan', "
                "where both learn within a pass"
            )
        if not isinstance(self.generator, ResNetConfig) and self.generator != UNetConfig():
            raise ValueError(f"generator={self.generator}: expected a ResNetConfig or UNetConfig()")

    @property
    def of_report(self) -> bool:
        """Tell whether the generator is the report's."""
        return self.generator.of_report
