"""The programs run where there is no fork and no POSIX module, and where texts are cp1252."""

import os
import subprocess
import sys

import pytest
from helpers import KIT, people, save_lesson, write_zip
