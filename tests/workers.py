"""Set up each of pytest-xdist's workers; load this before any other plugin: `-p tests.workers`.

A worker gets threads for one core, so that two workers do not compete. It also gets a home folder
of its own, because two lessons must not prepare the same splits at once. With `--numprocesses 0`
nothing is changed.
"""

import os

# For JAX: most of what it compiles runs only twice, so compiling should be fast.
COMPILE_FAST = ("--xla_backend_optimization_level=0", "--xla_llvm_disable_expensive_passes=true")
ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": " ".join(["--xla_cpu_multi_thread_eigen=false", *COMPILE_FAST]),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.update(ONE_THREAD)
    if "COLORKIT_HOME" in os.environ:
        os.environ["COLORKIT_HOME"] += f"-{worker}"
