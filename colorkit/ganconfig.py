"""The fields of a GAN: which two networks, their losses, and when they take turns."""

from dataclasses import dataclass, fields

from . import discriminators, models, turns

GENERATORS = ("resnet", "unet")


@dataclass(frozen=True)
class GANConfig(models.ResNetConfig):
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
        d_filters: filters of the discriminator's convolutions; see models.build_discriminator and discriminators.build_patch.
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
    generator: str = models.later("resnet")
    discriminator: str = models.later("report")
    average: float = models.later(0.0)

    def __post_init__(self):
        super().__post_init__()
        models.check_choice("schedule", self.schedule, turns.SCHEDULES)
        models.check_choice("generator", self.generator, GENERATORS)
        models.check_choice("discriminator", self.discriminator, tuple(discriminators.BUILDERS))
        models.check_range("average", self.average, 0, 1)
        models.check_choice("sees", self.sees, ("lab", "ab"))
        models.check_counts("d_filters", self.d_filters)
        models.check_counts("d_every", (self.d_every,))
        models.check_counts("pretrain", (self.pretrain,))
        if self.d_every > 1 and self.schedule != "epoch":
            raise ValueError(f"d_every={self.d_every} goes with schedule='epoch' only, not with {self.schedule!r}")
        if self.average and self.schedule == "epoch":
            raise ValueError(f"average={self.average} goes with schedule='step', 'batch' or 'nogan', where both learn within a pass")
        foreign = [field.name for field in fields(models.ResNetConfig) if getattr(self, field.name) != field.default]
        if self.generator == "unet" and foreign:
            raise ValueError(f"{', '.join(foreign)}: a setting of the ResNet model, and generator='unet' has none of those")
