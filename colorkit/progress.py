"""Progress of training: a bar on a terminal, nothing in between elsewhere (runs print a line for each epoch)."""

import keras
from tqdm import tqdm


class EpochBar(keras.callbacks.Callback):
    """A bar over the batches of one epoch. A GAN's two passes fill it together."""

    def __init__(self, epoch: int, epochs: int, batches: int):
        super().__init__()
        self.bar = tqdm(total=batches, desc=f"epoch {epoch}/{epochs}", unit="batch", leave=False, disable=None)

    def on_train_batch_end(self, batch, logs=None):
        """Advance by one batch."""
        self.bar.update(1)

    def __enter__(self) -> "EpochBar":
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()  # off the screen, also when the epoch is interrupted
