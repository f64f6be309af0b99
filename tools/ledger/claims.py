"""List the report's claims, each with the conditions that test it and the rule that decides."""

from collections.abc import Callable
from typing import NamedTuple

from . import judges
from .judges import Finding
from .results import Results


class Claim(NamedTuple):
    """A claim of the report.

    Attributes:
        said: the claim, in our words.
        section: where the report makes it.
        conditions: names of the conditions that are trained to test it.
        judge: rule that decides from the results.
        open: what the experiment leaves open.
    """

    said: str
    section: str
    conditions: tuple[str, ...]
    judge: Callable[[Results], Finding]
    open: str = ""


CLAIMS = (
    Claim(
        "A convolution as last layer underperforms; dense layers help",
        "3.3",
        ("cnn", "cnn, conv", "cnn, relu"),
        judges.last_layer,
        "The report's layers are not ours; the ReLU on its last convolution is a guess at what was "
        "wrong.",
    ),
    Claim(
        "Batch normalization combats overfitting",
        "3.3",
        ("cnn, few", "cnn, few, no normalization"),
        judges.by_run(
            judges.gap,
            "validation less training MSE",
            "cnn, few",
            "cnn, few, no normalization",
            "lower",
        ),
    ),
    Claim(
        "The ResNet-50 model overfits, more than the CNN",
        "3.4",
        ("resnet, few", "cnn, few"),
        judges.by_run(
            judges.gap, "validation less training MSE", "resnet, few", "cnn, few", "higher"
        ),
    ),
    Claim(
        "Dropout does not help it",
        "3.4",
        (
            "resnet, few",
            "resnet, few, dropout at the bottleneck",
            "resnet, few, dropout in the decoder",
        ),
        judges.dropout_is_no_help,
    ),
    Claim(
        "tanh and a*, b* divided by 128 are worse",
        "3.4",
        ("resnet", "resnet, tanh", "gan, tanh", "gan, tanh, naive lambda"),
        judges.tanh_is_worse,
    ),
    Claim(
        "L1 in the generator's loss converges more slowly than L2",
        "3.5.1",
        ("gan", "gan, L1"),
        judges.by_run(
            judges.speed, "mean validation MSE over the epochs", "gan, L1", "gan", "higher"
        ),
        "MSE favors what was trained on it.",
    ),
    Claim(
        "Without a lambda (lambda 1) the GAN is like the model without a judge",
        "3.5.1",
        ("gan, lambda 1", "resnet"),
        judges.lambda_hides_the_judge,
    ),
    Claim(
        "lambda 0.1 is better than 1",
        "3.5.1",
        ("gan, lambda 1", "gan", "gan, lambda 0.01", "gan, lambda 0.001"),
        judges.smaller_lambda_is_better,
    ),
    Claim(
        "The discriminator needs L beside a* and b*",
        "3.5.2",
        ("gan", "gan, sees ab"),
        judges.compared("mse", "gan", "gan, sees ab", "lower"),
    ),
    Claim(
        "Both learning from the same batch is erratic; by epoch is steadier",
        "3.5.3",
        ("gan", "gan, same batch"),
        judges.by_run(
            judges.roughness,
            "mean change of slope of the validation MSE",
            "gan, same batch",
            "gan",
            "higher",
        ),
    ),
    Claim(
        "(Future work) a discriminator that learns less often helps",
        "4.1",
        ("gan", "gan, sparse"),
        judges.compared("mse", "gan, sparse", "gan", "lower"),
    ),
    Claim(
        "The GAN takes twice as long an epoch",
        "4.1",
        ("gan", "resnet"),
        judges.twice_as_long,
        "The validation is in both.",
    ),
    Claim(
        "ResNet-50 is slightly better than the CNN",
        "4",
        ("resnet", "cnn"),
        judges.compared("mse", "resnet", "cnn", "lower"),
    ),
    Claim(
        "The curves of CNN and ResNet-50 are smooth, the GAN's is uneven",
        "4.1",
        ("cnn", "resnet", "gan"),
        judges.smooth_and_uneven,
    ),
    Claim(
        "Hair is given a color like the skin's",
        "4",
        ("cnn", "resnet", "gan"),
        judges.hair_like_skin,
    ),
    Claim(
        "(Expected) more faces improve accuracy",
        "4.1",
        (
            "cnn, an eighth of the faces",
            "cnn, a quarter of the faces",
            "cnn, half the faces",
            "cnn, all faces",
        ),
        judges.more_faces_help,
    ),
    Claim(
        "All three are alike in MSE and accuracy, and yet color differently",
        "4.1",
        ("cnn", "resnet", "gan"),
        judges.alike_in_number_only,
    ),
    Claim("The GAN's colors are the most vivid", "4", ("gan", "cnn", "resnet"), judges.most_vivid),
    Claim(
        "The models do equally well for all skin colors and shades",
        "4.2",
        ("cnn", "resnet", "gan"),
        judges.equal_for_all("drawn tone"),
    ),
    Claim("... and for all ages", "4.2", ("cnn", "resnet", "gan"), judges.equal_for_all("age")),
)
