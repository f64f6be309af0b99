"""The options of each network: frozen dataclasses that check their values. Importing them doesn't import Keras."""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from ..color.classes import in_gamut

CNN_HEADS = ("dense", "conv", "relu", "tanh")
DROPOUT_PLACES = ("bottleneck", "decoder", "dense")


class NetConfig:
    """What every network's config says; a network with a choice has a field of that name.

    Attributes:
        loss: name of the color loss, in `losses.OF_COLOR`.
        hints: whether the network takes color hints beside L.
        of_report: whether it is one of the report's three models.
    """

    loss: str = "l2"
    hints: bool = False
    of_report: bool = False


@dataclass(frozen=True)
class CNNConfig(NetConfig):
    """The CNN of report section 3.3.

    Attributes:
        encoder: filters of each stage; a stage halves the size, then convolves once more.
        decoder: filters of each transposed convolution; each doubles the size, so as many as encoder stages.
        dense: units of the per-pixel dense layers before the output.
        head: "dense" ends in a linear dense layer, "conv" in a 3x3 convolution instead of all dense layers (the report's first attempt),
            "relu" in that convolution with a ReLU, which makes negative a* and b* impossible, "tanh" in a dense layer with tanh, times 128.
        dropout: share of features dropped in training, 0 for none.
        dropout_at: where: "bottleneck", "decoder", "dense", or several.
        batch_norm: normalize after every convolution but the last; without it the convolutions have a bias instead.
        bn_momentum: how slowly the moving averages of batch normalization follow. Keras' default of 0.99 needs hundreds of steps to catch
            up; short runs need 0.9.
    """

    of_report: ClassVar[bool] = True

    encoder: tuple[int, ...] = (16, 64, 128)
    decoder: tuple[int, ...] = (64, 32, 16)
    dense: tuple[int, ...] = (32, 16)
    head: str = "dense"
    dropout: float = 0.0
    dropout_at: tuple[str, ...] = ("bottleneck",)
    batch_norm: bool = True
    bn_momentum: float = 0.9

    def __post_init__(self):
        check_choice("head", self.head, CNN_HEADS)
        for place in self.dropout_at:
            check_choice("dropout_at", place, DROPOUT_PLACES)
        for name in ("encoder", "decoder", "dense"):
            check_counts(name, getattr(self, name))
        check_range("dropout", self.dropout, 0, 1)
        check_range("bn_momentum", self.bn_momentum, 0, 1)
        self._check_sizes()

    def _check_sizes(self) -> None:
        """Raise ValueError unless the decoder doubles as often as the encoder halves, and 112 can be halved so often."""
        if not 1 <= len(self.encoder) <= 4 or len(self.decoder) != len(self.encoder):
            raise ValueError(
                f"encoder={self.encoder}, decoder={self.decoder}: wanted 1 to 4 stages, and as many in both"
            )


@dataclass(frozen=True)
class ResNetConfig(CNNConfig):
    """The ResNet-50 model of report section 3.4. `encoder` is unused: ResNet-50 is the encoder.

    Attributes:
        weights: "imagenet", or "none" for an encoder that starts untrained.
        fine_tune: train the encoder too; False freezes it.
        learns_from: with fine_tune, the first of the encoder's five stages that learns; those before it stay frozen.
        cut: after which of its stages the encoder ends, 2 to 5, at 28, 14, 7 or 4 places a side. The decoder's last stages double as often.
        features: the features of each place, 2048 after stage 5, are first mixed down to so many by a 1x1 convolution.
    """

    encoder: tuple[int, ...] = ()
    decoder: tuple[int, ...] = (128, 64, 64, 32, 16)
    weights: str = "imagenet"
    fine_tune: bool = True
    learns_from: int = 1
    cut: int = 5
    features: int = 256

    def __post_init__(self):
        super().__post_init__()
        check_choice("weights", self.weights, ("imagenet", "none"))
        check_counts("features", (self.features,))
        check_counts("learns_from, cut", (self.learns_from, self.cut))
        check_range("cut", self.cut, 2, len(STAGES) + 1)
        check_range("learns_from", self.learns_from, 1, self.cut + 1)

    def _check_sizes(self) -> None:
        """Raise ValueError unless the decoder comes from 4 x 4 back to 112 x 112."""
        if len(self.decoder) != 5:
            raise ValueError(f"decoder={self.decoder}: wanted 5 stages, for 4, 7, 14, 28, 56, 112")


def later(default: Any) -> Any:
    """A field of a config that there was not always. With its default it is left out of the digest: older runs keep their folders."""
    return field(default=default, metadata={"later": True})


def check_choice(field: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise ValueError, naming the field and what it may be, unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ValueError(f"{field}={value!r} is unknown; one of {', '.join(allowed)}")


def check_counts(field: str, values: tuple[int, ...]) -> None:
    """Raise ValueError, naming the field, unless all values are whole numbers of 1 or more."""
    if any(type(value) is not int or value < 1 for value in values):
        raise ValueError(f"{field}={values}: wanted whole numbers of 1 or more")


def check_range(field: str, value: float, low: float, high: float) -> None:
    """Raise ValueError, naming the field, unless low <= value < high."""
    if not low <= value < high:
        raise ValueError(f"{field}={value}: wanted at least {low} and less than {high}")


STAGES = (
    "conv1_relu",
    "conv2_block3_out",
    "conv3_block4_out",
    "conv4_block6_out",
    "conv5_block3_out",
)  # the last layer of each

SCHEDULES = ("epoch", "step", "batch", "nogan")

UNET_HEADS = ("regress", "classes")
COLOR_LOSSES = ("l2", "l1")
GROUPS = 8  # of channels, each normalized by itself


@dataclass(frozen=True)
class UNetConfig(NetConfig):
    """The U-Net of lesson 6.

    Attributes:
        filters: of each level, at 28, 14, 7 and 4 places a side; multiples of 8.
        head: "regress" for a*, b* by `loss`, "classes" for the probabilities of color classes.
        classes: with "classes", how many: the most common ones of the training faces, of 261.
        uniform: with "classes", the paper's lambda: 1 lets all pixels count the same, towards 0 those of rare colors count ever more. The
            paper's 0.5 overshot here: at equal colorfulness 0.9 had the lower error on the validation split.
        loss: with "regress", "l2" for the mean of what is possible, "l1" for its median.
        hints: with "regress", whether it takes color hints too (Zhang et al. 2017).
    """

    filters: tuple[int, ...] = (24, 48, 96, 128)
    head: str = "regress"
    classes: int = 64
    uniform: float = 0.9
    loss: str = later("l2")
    hints: bool = later(False)

    def __post_init__(self):
        check_choice("head", self.head, UNET_HEADS)
        check_counts("filters", self.filters)
        if not 2 <= len(self.filters) <= 4 or any(count % GROUPS for count in self.filters):
            raise ValueError(f"filters={self.filters}: wanted 2 to 4 multiples of {GROUPS}")
        check_counts("classes", (self.classes,))
        check_range("classes", self.classes, 2, int(in_gamut().sum()) + 1)
        if not 0 < self.uniform <= 1:
            raise ValueError(f"uniform={self.uniform}: wanted more than 0 and at most 1")
        check_choice("loss", self.loss, COLOR_LOSSES)
        if self.loss != "l2" and self.head != "regress":
            raise ValueError(
                f"loss={self.loss!r} goes with head='regress' only, not with {self.head!r}"
            )
        if type(self.hints) is not bool:
            raise ValueError(f"hints={self.hints}: wanted True or False")
        if self.hints and self.head != "regress":
            raise ValueError(
                f"hints=True goes with head=regress alone, not with head={self.head}: leave one of them out"
            )


GENERATORS = ("resnet", "unet")
DISCRIMINATORS = ("report", "patch")


@dataclass(frozen=True)
class GANConfig(ResNetConfig):
    """The report's generator is the ResNet-50 model, so its fields are here too.

    Attributes:
        generator: "resnet", or "unet" for lesson 6's U-Net as it comes, with its head for L2; the ResNet model's fields then don't apply.
        discriminator: "report", one logit a picture, or "patch", one for each of its patches, under spectral normalization.
        average: 0 for none, or the decay of the average of the generator's weights, by which the GAN then predicts. It begins where both
            begin to learn within a pass, and follows after each of the generator's steps from there; 0.99 remembers about 100 steps.
        lambda_l2: weight of the mean squared error (CIELAB units squared) in the generator's loss; the report's 0.1.
        lambda_l1: weight of the mean absolute error (CIELAB units): the report's first attempt was L1 instead of L2.
        schedule: when turns swap. "epoch": after every pass over the data (the report). "batch": after every batch, both learn from the
            same one, generator first (the report's first attempt). "step": after every batch, discriminator first as in pix2pix (Isola et
            al. 2017), but each learns from batches that the other saw half a pass earlier. "nogan" (DeOldify): the generator alone by its
            color loss, then one pass of the discriminator, and only then both, by step. An epoch is one pass of the generator in all.
        d_every: with "epoch", the discriminator has a turn after every so many epochs only; the report's future work.
        pretrain: with "nogan", epochs of the generator alone.
        sees: what the discriminator sees, "lab" or "ab".
        d_filters: filters of the discriminator's convolutions; see discriminators.build_discriminator and discriminators.build_patch.
        d_learning_rate: the discriminator's own.
    """

    lambda_l2: float = 0.1
    lambda_l1: float = 0.0
    schedule: str = "epoch"
    d_every: int = 1
    pretrain: int = 2
    sees: str = "lab"
    d_filters: tuple[int, ...] = (32, 64, 128, 128)
    d_learning_rate: float = 2e-4
    generator: str = later("resnet")
    discriminator: str = later("report")
    average: float = later(0.0)

    @property
    def of_report(self) -> bool:
        """Tell whether the generator, too, is the report's."""
        return self.generator == "resnet"

    def __post_init__(self):
        super().__post_init__()
        check_choice("schedule", self.schedule, SCHEDULES)
        check_choice("generator", self.generator, GENERATORS)
        check_choice("discriminator", self.discriminator, DISCRIMINATORS)
        check_range("average", self.average, 0, 1)
        check_choice("sees", self.sees, ("lab", "ab"))
        check_counts("d_filters", self.d_filters)
        check_counts("d_every", (self.d_every,))
        check_counts("pretrain", (self.pretrain,))
        if self.d_every > 1 and self.schedule != "epoch":
            raise ValueError(
                f"d_every={self.d_every} goes with schedule='epoch' only, not with {self.schedule!r}"
            )
        if self.average and self.schedule == "epoch":
            raise ValueError(
                f"average={self.average} goes with schedule='step', 'batch' or 'nogan', where both learn within a pass"
            )
        foreign = [
            field.name
            for field in fields(ResNetConfig)
            if getattr(self, field.name) != field.default
        ]
        if self.generator == "unet" and foreign:
            raise ValueError(
                f"{', '.join(foreign)}: a setting of the ResNet model, and generator='unet' has none of those"
            )
