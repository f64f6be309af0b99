# What the kit's makers and users run. A target is a task of tools/tasks, which also runs where there
# is no make: `make unit MARKS=weekly` is `python3 -m tools.tasks unit MARKS=weekly`.
# `make help` lists the tasks, and their settings.
TASKS = venv run test check lint unit lessons browser solved outputs ledger bench torture lock

# Any Python from 3.8 on starts it; it chooses one for the environment. What a name starts may only fail.
RECENT = import sys; sys.exit(sys.version_info < (3, 8))
STARTER := $(shell for python in python3 python "$(PYTHON)"; do \
	"$$python" -c "$(RECENT)" > /dev/null 2>&1 && echo "$$python" && break; done)
START = @"$(or $(STARTER),python3)" -m tools.tasks

.PHONY: help $(TASKS)
.NOTPARALLEL:
$(TASKS):
	$(START) $@
help:
	$(START) --help
