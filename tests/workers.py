"""What one of several test processes (pytest-xdist's workers) has for itself; load it before any other plugin: `-p workers`.

Each has one core's worth of threads, or they would wait for each other; and a home folder of its own, as no two lessons may prepare the
same splits at once.
"""

import os

IN_A_HURRY = ("--xla_backend_optimization_level=0", "--xla_llvm_disable_expensive_passes=true")  # of JAX: most is compiled to run twice
ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": " ".join(["--xla_cpu_multi_thread_eigen=false", *IN_A_HURRY]),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.update(ONE_THREAD)
    if "COLORKIT_HOME" in os.environ:
        os.environ["COLORKIT_HOME"] += f"-{worker}"
