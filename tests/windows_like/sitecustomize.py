"""Make a process of Linux, and those that it starts, lack what Windows lacks.

Python loads this file before any other, in every process whose PYTHONPATH holds its folder.
Libraries know which system they are on and keep what they need; the kit's own files do without.
"""

import builtins
import multiprocessing
import os
import signal

KIT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ABSENT = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
# What no library asks for, or all ask first whether it is there
GONE = {
    os: ("fork", "forkpty", "mkfifo", "posix_fadvise", "sched_getaffinity", "killpg"),
    signal: ("SIGHUP", "pthread_sigmask", "alarm"),
}
find = builtins.__import__


def find_as_on_windows(name, scope=None, *rest, **named):
    """Import a module, unless a file of the kit asks for one that Windows doesn't have."""
    asked_by = (scope or {}).get("__file__") or ""
    if name in ABSENT and asked_by.startswith(KIT) and "site-packages" not in asked_by:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return find(name, scope, *rest, **named)


builtins.__import__ = find_as_on_windows
for module, names in GONE.items():
    for gone in names:
        delattr(module, gone)
multiprocessing.set_start_method("spawn")
